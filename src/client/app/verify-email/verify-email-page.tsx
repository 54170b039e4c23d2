import { MailedFormLayout } from '../forms/mailed-form-layout.tsx';
import { useMailedLink } from '../mailed-link/use-mailed-link.ts';
import { VerifyEmailForm } from './verify-email-form.tsx';

export const VerifyEmailPage = () => {
  const link = useMailedLink();

  return (
    <MailedFormLayout title="Confirm your address" lead="So that we know that the mail reached you, and nobody else.">
      <VerifyEmailForm key={link?.token} link={link} />
    </MailedFormLayout>
  );
};
