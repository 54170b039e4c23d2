import { BackToSignIn, MailedFormLayout } from '../forms/mailed-form-layout.tsx';
import { ForgotPasswordForm } from './forgot-password-form.tsx';

export const ForgotPasswordPage = () => (
  <MailedFormLayout title="Forgot your password?" lead="Tell us your e-mail, and we send you a link to set a new one.">
    <ForgotPasswordForm />
    <BackToSignIn />
  </MailedFormLayout>
);
