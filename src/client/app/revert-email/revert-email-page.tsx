import { BackToSignIn, MailedFormLayout } from '../forms/mailed-form-layout.tsx';
import { useMailedLink } from '../mailed-link/use-mailed-link.ts';
import { RevertEmailForm } from './revert-email-form.tsx';

export const RevertEmailPage = () => {
  const link = useMailedLink();

  return (
    <MailedFormLayout
      title="Take your address back"
      lead="For an account whose e-mail somebody else changed. It gets its old address back, and the password that it had before."
    >
      <RevertEmailForm key={link?.token} link={link} />
      <BackToSignIn />
    </MailedFormLayout>
  );
};
