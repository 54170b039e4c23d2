import type { Kysely } from 'kysely';
import type { AuthDatabase, AuthTables } from '../../store/tables.ts';

export type AuditTables = AuthTables & { auth_events: EventRow };

/**
 * What has happened. Rows are added, removed when they are old, and never changed, but that the deletion of an account
 * empties `ip` and `user_agent` of its own.
 */
export interface EventRow {
  /** As `createEventIds` makes them: in the order of time. */
  id: string;
  at: number;
  /** Without what came of it: `login`, `session.ended`. */
  event: string;
  outcome: EventOutcome;
  /**
   * Whose account it is about; null where it is nobody's. It is no foreign key: what happened stays when the account is
   * gone, and then names nobody.
   */
  user_id: string | null;
  /** An administrator who did it to the account of another. */
  actor_id: string | null;
  /** The public id. */
  session_id: string | null;
  ip: string | null;
  user_agent: string | null;
  /** As in the log. */
  request_id: string;
  /** JSON of an object of numbers, booleans and short texts. */
  detail: string;
}

export type EventOutcome = 'succeeded' | 'refused';

export const withEvents = (db: AuthDatabase): Kysely<AuditTables> => db.withTables<AuditTables>();
