import { useLocation } from '@tanstack/react-router';
import { Page } from '../ui/page.tsx';
import { useMails } from './use-mails.ts';

const URL_IN_TEXT = /(https?:\/\/\S+)/;

/** As a mail program shows plain text: its addresses are links. */
const linked = (text: string) =>
  text.split(URL_IN_TEXT).map((part, index) =>
    index % 2 === 1 ? (
      <a key={part} href={part} className="underline">
        {part}
      </a>
    ) : (
      part
    ),
  );

export const MailPage = () => {
  const { pathname } = useLocation();
  const { data: mails } = useMails();
  const mail = mails?.find(({ id }) => pathname.endsWith(`/${id}`));
  if (mails === undefined) return null;
  return (
    <div className="mx-auto max-w-3xl">
      <Page title={mail?.subject ?? 'This mail is not here any more'}>
        {mail !== undefined && (
          <>
            <p className="mt-3 text-muted">To {mail.to}</p>
            <p className="mt-6 whitespace-pre-line wrap-anywhere">{linked(mail.text)}</p>
          </>
        )}
        <p className="mt-8">
          <a href="/mailbox" className="underline">
            All mails
          </a>
        </p>
      </Page>
    </div>
  );
};
