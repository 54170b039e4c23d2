import type { AuthTables } from '../../store/tables.ts';

export type MailTables = AuthTables & { auth_mails: MailRow };

/** How it ended: handed over, kept to be read here, refused for good, or no longer to be sent. */
export type MailOutcome = 'sent' | 'kept' | 'failed' | 'dropped';

/** A mail that is to leave, or has. Times are milliseconds since the epoch. */
export interface MailRow {
  /** A UUID. Its Message-ID is made of it, so that a mail that was sent twice is seen to be one. */
  id: string;
  kind: string;
  /** No foreign key: `account_deleted` outlives the account. */
  user_id: string | null;
  /** Sealed: address, names, token, details. Empty once the mail has left, or never will. */
  content: string;
  /** The hash of the flow's name that the link carries: without the flow the mail is of no use. */
  flow_hash: string | null;
  attempts: number;
  /** Not before. Whoever sends it takes it for a minute, and moves this on. */
  try_at: number;
  created_at: number;
  /** From then on it is not worth sending any more. */
  ends_at: number;
  over_at: number | null;
  outcome: MailOutcome | null;
}
