/** What this feature reports beside the core's events. */
export interface PasswordEvent {
  event: 'password.changed' | 'account.imported';
  userId: string;
}
