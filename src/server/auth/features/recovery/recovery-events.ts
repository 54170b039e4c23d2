/** What this feature reports beside the core's events. */
export interface RecoveryEvent {
  event: 'password.reset' | 'password.reset_requested' | 'email.confirmed';
  userId: string;
}
