/** What this feature reports beside the core's events. */
export type RecoveryEvent =
  | { event: 'password.reset' | 'password.reset_requested' | 'email.confirmed'; userId: string }
  /** Too many wait to be looked up, so nobody was: whoever it was gets no mail. */
  | { event: 'password.reset_dropped' };
