import { zodResolver } from '@hookform/resolvers/zod';
import { useAuth } from 'latchkey/react';
import { loginInput } from 'latchkey/shared';
import { useForm } from 'react-hook-form';
import { fieldProblem } from '../forms/field-problem.ts';
import { useRefusals } from '../forms/use-refusals.ts';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { PasswordField } from '../ui/password-field.tsx';
import { EndedNotice } from './ended-notice.tsx';

/** Signs in through the engine, which keeps the token to itself. Where to go next is the guard's to say. */
export const SignInForm = () => {
  const { signIn } = useAuth();
  const { register, handleSubmit, setError, formState } = useForm({
    resolver: zodResolver(loginInput),
    defaultValues: { username: '', password: '' },
  });
  const { refusal, attempt } = useRefusals(setError, ['username', 'password']);
  const { errors, isSubmitting, submitCount } = formState;

  return (
    <form
      noValidate
      className="mt-8 grid gap-5"
      onSubmit={(event) => void handleSubmit((input) => attempt(() => signIn(input)))(event)}
    >
      {refusal !== null && <Alert refusal={refusal} />}
      {submitCount === 0 && <EndedNotice />}
      <Field
        label="Username or e-mail"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        problem={fieldProblem(errors.username)}
        {...register('username')}
      />
      <PasswordField
        label="Password"
        autoComplete="current-password"
        problem={fieldProblem(errors.password)}
        {...register('password')}
      />
      <Button type="submit" variant="primary" pending={isSubmitting} className="mt-2 min-h-12 w-full">
        Sign in
      </Button>
    </form>
  );
};
