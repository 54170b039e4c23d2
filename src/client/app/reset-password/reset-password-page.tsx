import { BackToSignIn, MailedFormLayout } from '../forms/mailed-form-layout.tsx';
import { useMailedLink } from '../mailed-link/use-mailed-link.ts';
import { ResetPasswordForm } from './reset-password-form.tsx';

export const ResetPasswordPage = () => {
  const link = useMailedLink();

  return (
    <MailedFormLayout title="Set a new password" lead="You are signed out everywhere once it is set.">
      <ResetPasswordForm key={link?.token} link={link} />
      <BackToSignIn />
    </MailedFormLayout>
  );
};
