import { reasonOf } from 'latchkey/client';
import { useAuth } from 'latchkey/react';
import type { OpenReauthentication } from 'latchkey/react/step-up';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { FROM_SERVER, fieldProblem } from '../forms/field-problem.ts';
import { SignInName } from '../forms/sign-in-name.tsx';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';
import { PasswordField } from '../ui/password-field.tsx';
import { type Explanation, explain } from '../words/explain.ts';

export const ConfirmForm = ({ prompt }: { prompt: OpenReauthentication }) => {
  const { user } = useAuth();
  const { register, handleSubmit, setError, formState } = useForm({ defaultValues: { password: '' } });
  const [refusal, setRefusal] = useState<Explanation | null>(null);

  const confirm = async (proof: { password: string }): Promise<void> => {
    setRefusal(null);
    try {
      await prompt.confirm(proof);
    } catch (error) {
      const isWrong = reasonOf(error) === 'invalid_credentials';
      const message = 'This is not your password. Try again.';
      if (isWrong) setError('password', { type: FROM_SERVER, message }, { shouldFocus: true });
      else setRefusal(explain(error));
    }
  };

  return (
    <form noValidate className="mt-6 grid gap-5" onSubmit={(event) => void handleSubmit(confirm)(event)}>
      {refusal !== null && <Alert refusal={refusal} />}
      <SignInName name={user?.username ?? user?.email ?? ''} />
      <PasswordField
        label="Password"
        autoComplete="current-password"
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- a dialog takes the focus, and this is what it asks for
        autoFocus
        problem={fieldProblem(formState.errors.password)}
        {...register('password', { required: 'Enter your password.' })}
      />
      <div className="flex flex-wrap justify-end gap-3">
        <Button onClick={prompt.cancel} className="max-sm:w-full">
          Cancel
        </Button>
        <Button type="submit" variant="primary" pending={formState.isSubmitting} className="max-sm:w-full">
          Confirm
        </Button>
      </div>
    </form>
  );
};
