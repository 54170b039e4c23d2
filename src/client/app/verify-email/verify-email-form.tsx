import { zodResolver } from '@hookform/resolvers/zod';
import { useAuth } from 'latchkey/react';
import { useEffect } from 'react';
import { useForm } from 'react-hook-form';
import { z } from 'zod/v4';
import { fieldProblem } from '../forms/field-problem.ts';
import { SignInName } from '../forms/sign-in-name.tsx';
import { useRefusals } from '../forms/use-refusals.ts';
import { CodeField } from '../mailed-link/code-field.tsx';
import { codeSchema } from '../mailed-link/code-schema.ts';
import type { MailedLink } from '../mailed-link/mailed-links.ts';
import { WhoseLink } from '../mailed-link/whose-link.tsx';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { PasswordField } from '../ui/password-field.tsx';
import { useVerifyEmail } from './use-verify-email.ts';
import { Verified } from './verified.tsx';

const input = z.strictObject({ token: codeSchema, password: z.string(), username: z.string() });

export const VerifyEmailForm = ({ link }: { link: MailedLink | null }) => {
  const { user } = useAuth();
  const { send, isDone, asksPassword, asksUsername, isAskedForPassword } = useVerifyEmail(link);
  const { register, handleSubmit, setError, setFocus, formState } = useForm({
    resolver: zodResolver(input),
    defaultValues: { token: link?.token ?? '', password: '', username: '' },
  });
  const { refusal, attempt } = useRefusals(setError, ['token', 'password', 'username'], {
    invalid_credentials: { field: 'password', words: 'This is not the password of the account. Try again.' },
  });
  const { errors, isSubmitting } = formState;

  // What the server asks for besides is not there yet when it is refused.
  const asked = asksUsername ? 'username' : isAskedForPassword ? 'password' : undefined;
  useEffect(() => {
    if (asked !== undefined) setFocus(asked);
  }, [asked, setFocus]);

  if (isDone) return <Verified />;
  return (
    <form
      noValidate
      className="mt-8 grid gap-5"
      onSubmit={(event) => void handleSubmit((values) => attempt(() => send(values)))(event)}
    >
      {refusal !== null && <Alert refusal={refusal} />}
      <WhoseLink link={link} />
      {link === null && <CodeField problem={fieldProblem(errors.token)} {...register('token')} />}
      {asksUsername ? (
        <Field
          label="Username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          problem={fieldProblem(errors.username)}
          {...register('username')}
        />
      ) : (
        <SignInName name={link?.username ?? user?.username ?? user?.email ?? ''} />
      )}
      {asksPassword && (
        <PasswordField
          label="Password"
          autoComplete="current-password"
          hint="Of the account that this address is for. If it has none, sign in here first and open the link again."
          problem={fieldProblem(errors.password)}
          {...register('password')}
        />
      )}
      <Button type="submit" variant="primary" pending={isSubmitting} className="mt-2 min-h-12 w-full">
        Confirm address
      </Button>
    </form>
  );
};
