import type { ReasonTable } from '../reason-table.ts';

export type PasswordReason = 'invalid_credentials' | 'password_too_common' | 'password_breached';

/** Why a session ended: `error.data.cause`, beside those of the core. */
export type PasswordCause = 'password_changed';

export const PASSWORD_REASONS = {
  invalid_credentials: { code: 'UNAUTHORIZED', message: 'The username or the password is not right. Try again.' },
  password_too_common: {
    code: 'BAD_REQUEST',
    message: 'This password is too easy to guess. Choose one that is not common, and not made of your name or ours.',
  },
  password_breached: {
    code: 'BAD_REQUEST',
    message: 'This password is in a list of stolen ones. Choose one that you use nowhere else.',
  },
} as const satisfies ReasonTable<PasswordReason>;
