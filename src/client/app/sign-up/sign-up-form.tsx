import { zodResolver } from '@hookform/resolvers/zod';
import { useAuth } from 'latchkey/react';
import { PASSWORD_MIN, registerInput } from 'latchkey/shared';
import { useForm } from 'react-hook-form';
import { fieldProblem } from '../forms/field-problem.ts';
import { useRefusals } from '../forms/use-refusals.ts';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { PasswordField } from '../ui/password-field.tsx';

/** From here on a password alone is taken for strong (NIST SP 800-63B-4 section 3.1.1.2). */
const ADVISED_LENGTH = 15;

export const SignUpForm = () => {
  const { signUp } = useAuth();
  const { register, handleSubmit, setError, formState } = useForm({
    resolver: zodResolver(registerInput),
    defaultValues: { username: '', email: '', password: '' },
  });
  const { refusal, attempt } = useRefusals(setError, ['username', 'email', 'password']);
  const { errors, isSubmitting } = formState;

  return (
    <form
      noValidate
      className="mt-8 grid gap-5"
      onSubmit={(event) => void handleSubmit((input) => attempt(() => signUp(input)))(event)}
    >
      {refusal !== null && <Alert refusal={refusal} />}
      <Field
        label="Username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        hint="Letters, digits, dots, dashes and underscores."
        problem={fieldProblem(errors.username)}
        {...register('username')}
      />
      <Field
        label="E-mail"
        type="email"
        inputMode="email"
        autoComplete="email"
        problem={fieldProblem(errors.email)}
        {...register('email')}
      />
      <PasswordField
        label="Password"
        autoComplete="new-password"
        hint={`${PASSWORD_MIN} characters or more. ${ADVISED_LENGTH} or more is better: a few words do well.`}
        problem={fieldProblem(errors.password)}
        {...register('password')}
      />
      <Button type="submit" variant="primary" pending={isSubmitting} className="mt-2 min-h-12 w-full">
        Create account
      </Button>
    </form>
  );
};
