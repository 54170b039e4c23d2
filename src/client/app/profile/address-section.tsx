import { useAuth } from 'latchkey/react';
import { classes } from '../ui/classes.ts';
import { Section } from '../ui/section.tsx';
import { ChangeEmailForm } from './change-email-form.tsx';
import { SendConfirmation } from './send-confirmation.tsx';

const Badge = ({ isConfirmed }: { isConfirmed: boolean }) => (
  <span
    className={classes(
      'rounded-full px-2.5 py-0.5 text-[0.8125rem] font-semibold whitespace-nowrap',
      isConfirmed ? 'bg-sunken text-muted' : 'bg-brass-soft text-on-brass',
    )}
  >
    {isConfirmed ? 'Confirmed' : 'Not confirmed'}
  </span>
);

/** The address that signs in, and mails go to. */
export const AddressSection = () => {
  const { user } = useAuth();
  if (user === undefined) return null;
  const { email, emailVerified } = user;

  return (
    <Section title="E-mail">
      {email === null ? (
        <p className="text-muted">
          Your account has no address, so a forgotten password cannot be set anew. If you gave one, somebody else has
          confirmed it since.
        </p>
      ) : (
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <span className="font-semibold wrap-anywhere">{email}</span>
          <Badge isConfirmed={emailVerified} />
        </p>
      )}
      {email !== null && !emailVerified && <SendConfirmation email={email} />}
      <ChangeEmailForm />
    </Section>
  );
};
