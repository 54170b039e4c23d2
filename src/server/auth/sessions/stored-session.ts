import type { RevocationCause } from '../../../shared/auth/index.ts';
import type { SignInProof } from '../../../shared/auth/proofs.ts';
import type { StoredUser } from '../accounts/stored-user.ts';
import { causeOfEnd } from '../store/revocation-cause.ts';
import type { SessionRow, UserRow } from '../store/tables.ts';
import { type FreshProof, readAmr, readFresh } from './fresh-proof.ts';
import type { RotationState } from './rotation.ts';

/** A session with its user, as one joined statement reads them. */
export interface StoredSession {
  sid: string;
  /** The public id. */
  id: string;
  secHash: string;
  /** What the sign-in has proven. */
  signIn: SignInProof;
  /** The counter of proofs. */
  sver: number;
  /** The last proof; undefined once there is none. */
  fresh: FreshProof | undefined;
  state: RotationState;
  /** When it was ended before its time. */
  revokedAt: number | null;
  user: StoredUser;
}

/**
 * What names a session. By the user it is known where its row lies, also in a table that is partitioned by `user_id`.
 */
export interface SessionName {
  sid: string;
  userId: string;
}

type Counters = 'issued' | 'confirmed' | 'issued_at' | 'handed_at' | 'forks' | 'idle_ends_at' | 'absolute_ends_at';

/** What the rotation decides by. */
export const stateOf = (row: Pick<SessionRow, Counters>, revokedCause: RevocationCause | null): RotationState => ({
  issued: row.issued,
  confirmed: row.confirmed,
  issuedAt: row.issued_at,
  handedAt: row.handed_at,
  forks: row.forks,
  idleEndsAt: row.idle_ends_at,
  absoluteEndsAt: row.absolute_ends_at,
  revokedCause,
});

/** What is read of a session's row. */
export const SESSION_COLUMNS = [
  'sid',
  'id',
  'user_id',
  'sec_hash',
  'issued',
  'confirmed',
  'issued_at',
  'handed_at',
  'forks',
  'idle_ends_at',
  'absolute_ends_at',
  'auth_time',
  'amr',
  'sver',
  'fresh_hash',
  'fresh_at',
  'fresh_amr',
  'revoked_at',
  'revoked_cause',
] as const satisfies readonly (keyof SessionRow)[];

/** What is read of its user, `auth_users as u`. */
export const USER_COLUMNS = [
  'u.username',
  'u.email',
  'u.email_verified_at',
  'u.roles',
  'u.ver',
  'u.disabled_at',
  'u.fac',
  'u.created_at as user_created_at',
] as const;

/** Both, of `auth_sessions as s`. */
export const SESSION_WITH_USER = [...SESSION_COLUMNS.map((name) => `s.${name}` as const), ...USER_COLUMNS] as const;

type SessionColumns = Pick<SessionRow, (typeof SESSION_COLUMNS)[number]>;

type UserColumns = Omit<StoredUser, 'id' | 'created_at'> & { user_created_at: UserRow['created_at'] };

export type SessionWithUser = SessionColumns & UserColumns;

export const toStoredSession = (row: SessionWithUser): StoredSession => ({
  sid: row.sid,
  id: row.id,
  secHash: row.sec_hash,
  signIn: { amr: readAmr(row.amr), at: row.auth_time },
  sver: row.sver,
  fresh: readFresh(row),
  // No session of a disabled account is good, whatever its own row says.
  state: stateOf(row, causeOfEnd(row) ?? (row.disabled_at === null ? null : 'account_disabled')),
  revokedAt: row.revoked_at,
  user: {
    id: row.user_id,
    username: row.username,
    email: row.email,
    email_verified_at: row.email_verified_at,
    roles: row.roles,
    ver: row.ver,
    disabled_at: row.disabled_at,
    fac: row.fac,
    created_at: row.user_created_at,
  },
});
