import { FormLayout } from '../forms/form-layout.tsx';
import { BackToSignIn } from '../forms/mailed-form-layout.tsx';
import { Button } from '../ui/button.tsx';
import { Page } from '../ui/page.tsx';

interface CheckYourEmailProps {
  email: string;
  onBack: () => void;
}

/** Nothing tells whether the address has an account already: its owner is told by the mail. */
export const CheckYourEmail = ({ email, onBack }: CheckYourEmailProps) => (
  <FormLayout>
    <Page title="Check your e-mail">
      <p className="mt-3 text-lg text-muted">
        A mail with a link is on its way to <strong className="text-ink wrap-anywhere">{email}</strong>. Open it and
        type your password once more: then your account is there. The link works for a day.
      </p>
      <p className="mt-6 text-muted">Nothing there after some minutes? Look through your spam, or check the address.</p>
      <Button onClick={onBack} className="mt-6 max-sm:w-full">
        Use another address
      </Button>
      <BackToSignIn />
    </Page>
  </FormLayout>
);
