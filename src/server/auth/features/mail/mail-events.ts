import type { LinkEvent } from './link-events.ts';

/**
 * What this feature reports beside the core's events. `kind` is the mail's, a `MailKind`. Neither an address nor a link
 * is in it.
 */
export type MailEvent =
  | LinkEvent
  | { event: 'mail.sent'; kind: string; userId?: string }
  /** Nobody wants it any more: its account is gone, or what its link leads to is over. */
  | { event: 'mail.dropped'; kind: string; userId?: string }
  /**
   * It will never arrive: its recipient was refused for good, nobody took it for three days, or no secret opens it.
   */
  | { event: 'mail.failed'; kind: string; reason: 'refused' | 'given_up' | 'unreadable'; userId?: string };
