import { zodResolver } from '@hookform/resolvers/zod';
import { useAuth } from 'latchkey/react';
import { passwordSchema } from 'latchkey/shared';
import { useForm } from 'react-hook-form';
import { z } from 'zod/v4';
import { fieldProblem } from '../forms/field-problem.ts';
import { NewPasswordField } from '../forms/new-password-field.tsx';
import { SignInName } from '../forms/sign-in-name.tsx';
import { useRefusals } from '../forms/use-refusals.ts';
import { trpc } from '../trpc.ts';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { PasswordField } from '../ui/password-field.tsx';

const setInput = z.strictObject({ currentPassword: z.string(), newPassword: passwordSchema });
const changeInput = setInput.extend({ currentPassword: z.string().min(1, 'Enter your current password.') });

const FIELD_REASONS = {
  invalid_credentials: { field: 'currentPassword', words: 'This is not your current password. Try again.' },
  password_too_common: { field: 'newPassword' },
  password_breached: { field: 'newPassword' },
} as const;

export const PasswordForm = ({ hasPassword }: { hasPassword: boolean }) => {
  const { user } = useAuth();
  const utils = trpc.useUtils();
  const change = trpc.auth.changePassword.useMutation();
  const { register, handleSubmit, setError, reset, formState } = useForm({
    resolver: zodResolver(hasPassword ? changeInput : setInput),
    defaultValues: { currentPassword: '', newPassword: '' },
  });
  const { refusal, attempt } = useRefusals(setError, ['currentPassword', 'newPassword'], FIELD_REASONS);
  const { errors, isSubmitting } = formState;

  const send = async ({ currentPassword, newPassword }: z.infer<typeof setInput>): Promise<void> => {
    await change.mutateAsync({ newPassword, ...(hasPassword && { currentPassword }) });
    reset();
    await utils.factors.list.invalidate();
  };

  return (
    <form
      noValidate
      className="grid gap-5"
      onSubmit={(event) => void handleSubmit((values) => attempt(() => send(values)))(event)}
    >
      {refusal !== null && <Alert refusal={refusal} />}
      {change.data !== undefined && (
        <Notice role="status">Your new password is set. You are signed out on all other devices.</Notice>
      )}
      <SignInName name={user?.username ?? user?.email ?? ''} />
      {hasPassword && (
        <PasswordField
          label="Current password"
          autoComplete="current-password"
          problem={fieldProblem(errors.currentPassword)}
          {...register('currentPassword')}
        />
      )}
      <NewPasswordField label="New password" problem={fieldProblem(errors.newPassword)} {...register('newPassword')} />
      <Button type="submit" variant="primary" pending={isSubmitting} className="justify-self-start max-sm:w-full">
        {hasPassword ? 'Change password' : 'Set password'}
      </Button>
    </form>
  );
};
