import { zodResolver } from '@hookform/resolvers/zod';
import { useAuth } from 'latchkey/react';
import { passwordSchema } from 'latchkey/shared';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { z } from 'zod/v4';
import { fieldProblem } from '../forms/field-problem.ts';
import { NewPasswordField } from '../forms/new-password-field.tsx';
import { SignInName } from '../forms/sign-in-name.tsx';
import { useRefusals } from '../forms/use-refusals.ts';
import { CodeField } from '../mailed-link/code-field.tsx';
import { codeSchema } from '../mailed-link/code-schema.ts';
import type { MailedLink } from '../mailed-link/mailed-links.ts';
import { WhoseLink } from '../mailed-link/whose-link.tsx';
import { trpc } from '../trpc.ts';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';

const input = z.strictObject({ token: codeSchema, password: passwordSchema });

export const ResetPasswordForm = ({ link }: { link: MailedLink | null }) => {
  const { status } = useAuth();
  const { client } = trpc.useUtils();
  const reset = trpc.auth.resetPassword.useMutation();
  // Beside the mutation, which is forgotten with the user whose session the new password ends.
  const [isSet, setIsSet] = useState(false);
  const { register, handleSubmit, setError, formState } = useForm({
    resolver: zodResolver(input),
    defaultValues: { token: link?.token ?? '', password: '' },
  });
  const { refusal, attempt } = useRefusals(setError, ['token', 'password']);
  const { errors, isSubmitting } = formState;

  const send = async (values: z.infer<typeof input>): Promise<void> => {
    await reset.mutateAsync(values);
    setIsSet(true);
    // The session of this page may be one of those that are over: the gate says so to any call.
    if (status === 'authenticated') await client.auth.claims.query().catch(() => undefined);
  };

  if (isSet) {
    return (
      <div className="mt-8">
        <Notice role="status">Your new password is set. Sign in with it.</Notice>
      </div>
    );
  }
  return (
    <form
      noValidate
      className="mt-8 grid gap-5"
      onSubmit={(event) => void handleSubmit((values) => attempt(() => send(values)))(event)}
    >
      {refusal !== null && <Alert refusal={refusal} />}
      <WhoseLink link={link} />
      {link === null && <CodeField problem={fieldProblem(errors.token)} {...register('token')} />}
      <SignInName name={link?.username ?? ''} />
      <NewPasswordField label="New password" problem={fieldProblem(errors.password)} {...register('password')} />
      <Button type="submit" variant="primary" pending={isSubmitting} className="mt-2 min-h-12 w-full">
        Set password
      </Button>
    </form>
  );
};
