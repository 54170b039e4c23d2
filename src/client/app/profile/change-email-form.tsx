import { zodResolver } from '@hookform/resolvers/zod';
import { useAuth } from 'latchkey/react';
import { emailSchema, identifierKey } from 'latchkey/shared';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { z } from 'zod/v4';
import { fieldProblem } from '../forms/field-problem.ts';
import { useRefusals } from '../forms/use-refusals.ts';
import { trpc } from '../trpc.ts';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Notice } from '../ui/notice.tsx';

const input = z.strictObject({ email: emailSchema });

/** The answer is the same for an address that is taken: only its owner is told, by mail. */
export const ChangeEmailForm = () => {
  const { user } = useAuth();
  const change = trpc.user.changeEmail.useMutation();
  const { register, handleSubmit, setError, reset, formState } = useForm({
    resolver: zodResolver(input),
    defaultValues: { email: '' },
  });
  const { refusal, attempt } = useRefusals(setError, ['email']);
  const { errors, isSubmitting } = formState;

  /** As it was when it was asked for: once it is confirmed, each new address is the present one. */
  const [wasPresent, setWasPresent] = useState(false);
  const isPresent = (email: string): boolean =>
    user?.emailVerified === true && user.email !== null && identifierKey(user.email) === identifierKey(email);

  const send = async (values: { email: string }): Promise<void> => {
    setWasPresent(isPresent(values.email));
    await change.mutateAsync(values);
    reset();
  };

  return (
    <form
      noValidate
      className="mt-6 grid gap-4 border-t border-line pt-6"
      onSubmit={(event) => void handleSubmit((values) => attempt(() => send(values)))(event)}
    >
      {refusal !== null && <Alert refusal={refusal} />}
      {change.data !== undefined && (
        <Notice role="status">
          {wasPresent ? (
            'That is your address. A change that waited to be confirmed is taken back.'
          ) : (
            <>
              A mail with a link is on its way to <strong className="wrap-anywhere">{change.variables.email}</strong>.
              Your address changes once you open it and confirm.
            </>
          )}
        </Notice>
      )}
      <Field
        label="New e-mail"
        type="email"
        inputMode="email"
        autoComplete="email"
        problem={fieldProblem(errors.email)}
        {...register('email')}
      />
      <Button type="submit" pending={isSubmitting} className="justify-self-start max-sm:w-full">
        Change e-mail
      </Button>
    </form>
  );
};
