import { zodResolver } from '@hookform/resolvers/zod';
import { emailSchema } from 'latchkey/shared';
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

/** The answer is the same whether or not an account has the address, and so are the words. */
export const ForgotPasswordForm = () => {
  const request = trpc.auth.requestPasswordReset.useMutation();
  const { register, handleSubmit, setError, formState } = useForm({
    resolver: zodResolver(input),
    defaultValues: { email: '' },
  });
  const { refusal, attempt } = useRefusals(setError, ['email']);
  const { errors, isSubmitting } = formState;
  const sentTo = request.data === undefined ? undefined : request.variables?.email;

  return (
    <form
      noValidate
      className="mt-8 grid gap-5"
      onSubmit={(event) => void handleSubmit((values) => attempt(() => request.mutateAsync(values)))(event)}
    >
      {refusal !== null && <Alert refusal={refusal} />}
      {sentTo !== undefined && (
        <Notice role="status">
          If an account has the address <strong className="wrap-anywhere">{sentTo}</strong>, a mail with a link is on
          its way. The link works for an hour. Nothing there after some minutes? Look through your spam, or check the
          address.
        </Notice>
      )}
      <Field
        label="E-mail"
        type="email"
        inputMode="email"
        autoComplete="email"
        problem={fieldProblem(errors.email)}
        {...register('email')}
      />
      <Button
        type="submit"
        variant={sentTo === undefined ? 'primary' : 'secondary'}
        pending={isSubmitting}
        className="mt-2 min-h-12 w-full"
      >
        Send link
      </Button>
    </form>
  );
};
