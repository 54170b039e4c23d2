import { zodResolver } from '@hookform/resolvers/zod';
import { NextStepError } from 'latchkey/client';
import { useAuth } from 'latchkey/react';
import { type RegisterInput, registerInput } from 'latchkey/shared';
import { useForm } from 'react-hook-form';
import { fieldProblem } from '../forms/field-problem.ts';
import { NewPasswordField } from '../forms/new-password-field.tsx';
import { useRefusals } from '../forms/use-refusals.ts';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';

interface SignUpFormProps {
  /** Called where the account is made by the link that was mailed to this address. */
  onMailed: (email: string) => void;
}

export const SignUpForm = ({ onMailed }: SignUpFormProps) => {
  const { signUp } = useAuth();
  const { register, handleSubmit, setError, formState } = useForm({
    resolver: zodResolver(registerInput),
    defaultValues: { username: '', email: '', password: '' },
  });
  const { refusal, attempt } = useRefusals(setError, ['username', 'email', 'password']);
  const { errors, isSubmitting } = formState;

  const send = async (input: RegisterInput): Promise<void> => {
    try {
      await signUp(input);
    } catch (error) {
      if (!(error instanceof NextStepError) || error.next.next !== 'verify_email') throw error;
      onMailed(input.email);
    }
  };

  return (
    <form
      noValidate
      className="mt-8 grid gap-5"
      onSubmit={(event) => void handleSubmit((input) => attempt(() => send(input)))(event)}
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
      <NewPasswordField label="Password" problem={fieldProblem(errors.password)} {...register('password')} />
      <Button type="submit" variant="primary" pending={isSubmitting} className="mt-2 min-h-12 w-full">
        Create account
      </Button>
    </form>
  );
};
