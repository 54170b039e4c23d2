import { zodResolver } from '@hookform/resolvers/zod';
import { useForm } from 'react-hook-form';
import { z } from 'zod/v4';
import { fieldProblem } from '../forms/field-problem.ts';
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
import { PasswordField } from '../ui/password-field.tsx';

const input = z.strictObject({ token: codeSchema, password: z.string() });

export const RevertEmailForm = ({ link }: { link: MailedLink | null }) => {
  const revert = trpc.auth.revertEmail.useMutation();
  const { register, handleSubmit, setError, formState } = useForm({
    resolver: zodResolver(input),
    defaultValues: { token: link?.token ?? '', password: '' },
  });
  const { refusal, attempt } = useRefusals(setError, ['token', 'password'], {
    invalid_credentials: { field: 'password', words: 'This is not the password from before the change. Try again.' },
  });
  const { errors, isSubmitting } = formState;

  if (revert.data !== undefined) {
    return (
      <div className="mt-8">
        <Notice role="status">
          Your address is back, and every session of the account has ended. A mail with a link to set a new password is
          on its way to it.
        </Notice>
      </div>
    );
  }
  return (
    <form
      noValidate
      className="mt-8 grid gap-5"
      onSubmit={(event) =>
        void handleSubmit(({ token, password }) =>
          attempt(() => revert.mutateAsync({ token, ...(password !== '' && { password }) })),
        )(event)
      }
    >
      {refusal !== null && <Alert refusal={refusal} />}
      <WhoseLink link={link} />
      {link === null && <CodeField problem={fieldProblem(errors.token)} {...register('token')} />}
      <SignInName name={link?.username ?? ''} />
      <PasswordField
        label="Password"
        autoComplete="current-password"
        hint="The one from before the change. Leave it empty if the account had none."
        problem={fieldProblem(errors.password)}
        {...register('password')}
      />
      <Button type="submit" variant="primary" pending={isSubmitting} className="mt-2 min-h-12 w-full">
        Take address back
      </Button>
    </form>
  );
};
