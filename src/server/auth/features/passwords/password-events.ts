/** What this feature reports beside the core's events. */
export type PasswordEvent =
  | { event: 'password.changed' | 'account.imported'; userId: string }
  /** The list of breached passwords could not be asked: a password was taken that nobody looked up. */
  | { event: 'breach_check.failed' };
