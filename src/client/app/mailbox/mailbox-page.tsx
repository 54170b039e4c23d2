import { Page } from '../ui/page.tsx';
import { When } from '../ui/when.tsx';
import { useMails } from './use-mails.ts';

/** For development: what would have been sent. */
export const MailboxPage = () => {
  const { data: mails, error, dataUpdatedAt } = useMails();
  return (
    <div className="mx-auto max-w-3xl">
      <Page title="Mailbox">
        <p className="mt-3 max-w-prose text-lg text-muted">
          Nothing is sent in development. Mails are kept here for a day; set SMTP_URL to send them.
        </p>
        {error !== null && mails === undefined && <p className="mt-8">The mailbox cannot be read: {error.message}</p>}
        {mails?.length === 0 && <p className="mt-8">No mails yet.</p>}
        {/* oxlint-disable-next-line jsx-a11y/no-redundant-roles -- Safari drops the role of a list without bullets */}
        <ul role="list" className="mt-8 grid gap-4">
          {mails?.map(({ id, subject, to, at }) => (
            <li key={id} className="rounded-3xl border border-line bg-surface p-5 shadow-card">
              <a href={`/mailbox/${id}`} className="text-lg/snug font-bold underline">
                {subject}
              </a>
              <p className="mt-1 text-[0.9375rem] text-muted">
                To <span className="wrap-anywhere">{to}</span>, <When at={at} now={dataUpdatedAt} />
              </p>
            </li>
          ))}
        </ul>
      </Page>
    </div>
  );
};
