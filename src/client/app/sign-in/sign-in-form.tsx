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
import { REASON_WORDS } from '../words/reasons.ts';
import { EndedNotice } from './ended-notice.tsx';
import { useSignInMethods } from './use-sign-in-methods.ts';

/** Where an account is made by the mail alone. The same for everybody, so that it tells nobody who has signed up. */
const AWAITING_MAIL = {
  invalid_credentials: {
    words: `${REASON_WORDS.invalid_credentials} If you have just signed up, open the link in our mail first.`,
  },
};

/** Signs in through the engine, which keeps the token to itself. Where to go next is the guard's to say. */
export const SignInForm = () => {
  const { signIn } = useAuth();
  const { register, handleSubmit, setError, formState } = useForm({
    resolver: zodResolver(loginInput),
    defaultValues: { username: '', password: '' },
  });
  const methods = useSignInMethods();
  const reasons = methods?.emailVerification === true ? AWAITING_MAIL : undefined;
  const { refusal, attempt } = useRefusals(setError, ['username', 'password'], reasons);
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
