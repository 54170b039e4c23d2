import { isRevocationCause, type RevocationCause } from '../../../shared/auth/index.ts';
import type { SessionRow } from './tables.ts';

/** Why a session ended, as the store has it. Whoever ends one by hand may leave the cause out, or make one up. */
export const revocationCauseOf = (stored: unknown): RevocationCause =>
  isRevocationCause(stored) ? stored : 'ended_by_admin';

/** Why this session is over before its time; null when it is not. The time decides, and not the cause. */
export const causeOfEnd = (row: Pick<SessionRow, 'revoked_at' | 'revoked_cause'>): RevocationCause | null =>
  row.revoked_at === null ? null : revocationCauseOf(row.revoked_cause);
