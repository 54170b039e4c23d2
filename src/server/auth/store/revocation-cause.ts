import type { RevocationCause } from '../../../shared/auth/index.ts';
import type { SessionRow } from './tables.ts';

/** What is handed on to clients as the name of a cause. */
const NAME = /^[a-z][a-z0-9_]{0,63}$/;

/**
 * Why a session ended, as the store has it. A session ended by hand may have no cause, or an unknown one.
 */
export const revocationCauseOf = (stored: unknown): RevocationCause =>
  typeof stored === 'string' && NAME.test(stored) ? stored : 'ended_by_admin';

/** Why this session is over before its time; null when it is not. The time decides, and not the cause. */
export const causeOfEnd = (row: Pick<SessionRow, 'revoked_at' | 'revoked_cause'>): RevocationCause | null =>
  row.revoked_at === null ? null : revocationCauseOf(row.revoked_cause);
