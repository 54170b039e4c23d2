import { isRevocationCause, type RevocationCause } from '../../shared/auth/index.ts';
import { type Clock, SECOND } from './clock.ts';
import type { RevocationFeed, RevocationNotice } from './revocation-feed.ts';
import { prepare } from './statement.ts';
import type { AuthDatabase } from './tables.ts';
import type { Principal } from './tokens/access-tokens.ts';

/** What became of a principal's session since its access token was issued. */
export type Standing = { kind: 'good' } | { kind: 'revoked'; cause: RevocationCause } | { kind: 'stale' };

/** As much of a principal as revocation is about. */
type TokenHolder = Pick<Principal, 'sid' | 'id' | 'ver'>;

/** Allowance for the difference between the clocks of two processes. */
export const CLOCK_SKEW = 60 * SECOND;

const GOOD: Standing = { kind: 'good' };
const STALE: Standing = { kind: 'stale' };

export interface RevocationsOptions {
  database: AuthDatabase;
  feed: RevocationFeed;
  clock: Clock;
  /** Lifetime of an access token, in seconds: nothing needs to be remembered for longer. */
  accessTokenTtl: number;
}

export type Revocations = ReturnType<typeof createRevocations>;

/**
 * What was revoked while access tokens of it may still be about, held in memory, so that the protected path reads no database.
 * While the feed is not live, the database is asked instead: nothing revoked is accepted because a connection broke.
 */
export const createRevocations = ({ database, feed, clock, accessTokenTtl }: RevocationsOptions) => {
  const lifetime = accessTokenTtl * SECOND + CLOCK_SKEW;
  const sessions = new Map<string, { cause: RevocationCause; forgetAt: number }>();
  const versions = new Map<string, { ver: number; forgetAt: number }>();
  const listeners = new Set<(what: RevocationNotice) => void>();

  /** Entries are in the order of their arrival, and so of their end. */
  const forgetOld = <TEntry extends { forgetAt: number }>(entries: Map<string, TEntry>, now: number) => {
    for (const [name, { forgetAt }] of entries) {
      if (forgetAt > now) return;
      entries.delete(name);
    }
  };

  const notice = (what: RevocationNotice): void => {
    const now = clock.now();
    forgetOld(sessions, now);
    forgetOld(versions, now);
    const forgetAt = now + lifetime;
    if (what.kind === 'session') {
      sessions.delete(what.sid);
      sessions.set(what.sid, { cause: what.cause, forgetAt });
    } else {
      const ver = Math.max(what.ver, versions.get(what.userId)?.ver ?? 0);
      versions.delete(what.userId);
      versions.set(what.userId, { ver, forgetAt });
    }
    for (const listener of listeners) listener(what);
  };

  const catchUp = async (): Promise<void> => {
    const since = clock.now() - lifetime;
    const revoked = await database
      .selectFrom('auth_sessions')
      .select(['sid', 'revoked_cause'])
      .where('revoked_at', '>', since)
      .execute();
    const raised = await database
      .selectFrom('auth_users')
      .select(['id', 'ver'])
      .where('ver_raised_at', '>', since)
      .execute();
    for (const { sid, revoked_cause: cause } of revoked) {
      if (isRevocationCause(cause)) notice({ kind: 'session', sid, cause });
    }
    for (const { id, ver } of raised) notice({ kind: 'user', userId: id, ver });
  };

  const standingStatement = prepare<Pick<TokenHolder, 'sid' | 'id'>>()((value) =>
    database
      .selectFrom('auth_sessions as s')
      .innerJoin('auth_users as u', 'u.id', 's.user_id')
      .where('s.sid', '=', value.sid)
      .where('s.user_id', '=', value.id)
      .select(['s.revoked_cause', 'u.ver', 'u.disabled_at']),
  );

  const remembered = ({ sid, id, ver }: TokenHolder): Standing => {
    const session = sessions.get(sid);
    if (session !== undefined) return { kind: 'revoked', cause: session.cause };
    return ver < (versions.get(id)?.ver ?? 0) ? STALE : GOOD;
  };

  const asked = async ({ sid, id, ver }: TokenHolder): Promise<Standing> => {
    const [row] = (await standingStatement(database, { sid, id })).rows;
    // A row that is gone was purged long after its session's end, or went with its user.
    if (row === undefined) return STALE;
    if (row.revoked_cause !== null) return { kind: 'revoked', cause: row.revoked_cause };
    if (row.disabled_at !== null) return { kind: 'revoked', cause: 'account_disabled' };
    return ver < row.ver ? STALE : GOOD;
  };

  return {
    start: () => feed.start({ catchUp, notice }),
    stop: () => feed.stop(),
    isLive: () => feed.isLive(),
    lag: () => feed.lag(),
    /** Makes known in this process at once what it has just revoked itself. */
    notice,
    /** Tells of every notice from now on. What it returns ends that. */
    onNotice: (listener: (what: RevocationNotice) => void): (() => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    /** Answers at once while the feed is live. */
    standingOf: (principal: TokenHolder): Standing | Promise<Standing> => {
      const known = remembered(principal);
      return feed.isLive() || known.kind === 'revoked' ? known : asked(principal);
    },
  };
};
