import type { Kysely } from 'kysely';
import type { RevocationCause } from '../../../shared/auth/index.ts';

/**
 * Times are milliseconds since the epoch. The prefix keeps the stack's tables apart from those of the app around it.
 */
export type AuthTables = {
  auth_users: UserRow;
  auth_sessions: SessionRow;
  auth_flows: FlowRow;
  auth_limits: LimitRow;
  auth_removals: RemovalRow;
};

export interface UserRow {
  id: string;
  /** As typed; null where people sign in by their address alone. */
  username: string | null;
  /** As looked up: `identifierKey(username)`. Unique. */
  username_key: string | null;
  email: string | null;
  email_key: string | null;
  email_verified_at: number | null;
  /** Comma-separated. */
  roles: string;
  /** Raised when roles or standing change; a token with a lower one is stale. */
  ver: number;
  ver_raised_at: number | null;
  disabled_at: number | null;
  /** Its row is empty since then, and goes when no access token can be about. */
  deleted_at: number | null;
  /**
   * What the account can prove itself by, comma-separated: `password`, `totp`, `passkey`, `oidc:ID`. Kept by the
   * transaction that changes a credential, so that no refresh counts any.
   */
  fac: string;
  /**
   * The devices that have signed in, as `withDevice` keeps them: SHA-256 of the device cookie in base64url, and a day.
   */
  devices: string;
  created_at: number;
}

export interface SessionRow {
  /** The name that tokens carry: 32 random bytes in base64url. */
  sid: string;
  /** The name that people see: a UUID. */
  id: string;
  user_id: string;
  /** SHA-256 of the refresh tokens' `sec`, in base64url. */
  sec_hash: string;
  issued: number;
  confirmed: number;
  issued_at: number;
  handed_at: number;
  /** Since the last rotation. */
  forks: number;
  idle_ends_at: number;
  absolute_ends_at: number;
  /** When the sign-in was proven. */
  auth_time: number;
  /** By what the sign-in was proven, comma-separated. */
  amr: string;
  /** Raised by each fresh proof; an access token with a lower one is stale. */
  sver: number;
  /** SHA-256 of the cookie `fresh` that came with the last proof, in base64url; null once there is none. */
  fresh_hash: string | null;
  fresh_at: number | null;
  /** When each kind was proven, as `writeProofTimes` has it. */
  fresh_amr: string;
  created_at: number;
  user_agent: string | null;
  ip: string | null;
  revoked_at: number | null;
  /** By hand it may be any text, or none: see `causeOfEnd`. */
  revoked_cause: RevocationCause | null;
}

/** What a person has begun and not finished: a mailed link, a sign-in that waits for its second factor. */
export interface FlowRow {
  /** SHA-256 of the name, 32 random bytes, which is kept nowhere else. In base64url, as all hashes are. */
  name_hash: string;
  kind: string;
  /** Whom it is for. Null where there is no account yet. */
  user_id: string | null;
  /** Null unless it was begun in a session and ends with it. */
  sid: string | null;
  /** SHA-256 of the browser's flow cookie. Null where any browser may finish it. */
  browser_hash: string | null;
  /** SHA-256 of the key of the address that it is for. Null where it is for none. */
  address_hash: string | null;
  /** JSON, sealed. */
  data: string | null;
  /** The account's `ver` when it began: once it is another one, the flow is over. Null where it survives that. */
  ver: number | null;
  /** How often somebody has tried to finish it. */
  attempts: number;
  created_at: number;
  ends_at: number;
  used_at: number | null;
}

export interface LimitRow {
  /** The kind of limit, and whom it is for. */
  name: string;
  attempts: number;
  /** No try is counted before this. */
  wait_until: number;
  touched_at: number;
}

/**
 * A session or a user whose row was deleted while access tokens of it may have been about. Written by triggers alone.
 */
export interface RemovalRow {
  kind: 'session' | 'user';
  /** The session's `sid`, or the user's id. */
  name: string;
  at: number;
}

export type AuthDatabase = Kysely<AuthTables>;
export type Dialect = 'sqlite' | 'postgres';
