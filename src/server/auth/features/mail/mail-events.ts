import type { MailKind } from '../../mail/mail.ts';

/** What this feature reports beside the core's events. Neither an address nor a link is in it. */
export type MailEvent =
  | { event: 'mail.sent'; kind: MailKind; userId?: string }
  /** It will never arrive: its recipient was refused for good, or nobody took it for three days. */
  | { event: 'mail.failed'; kind: MailKind; reason: 'refused' | 'given_up'; userId?: string };
