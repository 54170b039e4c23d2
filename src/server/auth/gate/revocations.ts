import { sql } from 'kysely';
import type { RevocationCause } from '../../../shared/auth/index.ts';
import { MINUTE, SECOND } from '../clock.ts';
import { prepare } from '../store/prepared-statement.ts';
import { causeOfEnd, revocationCauseOf } from '../store/revocation-cause.ts';
import type { RevocationFeed, RevocationNotice } from '../store/revocation-feed.ts';
import { VER_OF_NOBODY } from '../store/revocation-triggers.ts';
import type { AuthDatabase } from '../store/tables.ts';
import type { Principal } from '../tokens/access-tokens.ts';
import type { WatchedClock } from '../watched-clock.ts';

/** What became of a principal's session since its access token was issued. */
export type TokenStatus = { kind: 'good' } | { kind: 'revoked'; cause: RevocationCause } | { kind: 'stale' };

/** As much of a principal as revocation is about. */
type TokenHolder = Pick<Principal, 'sid' | 'id' | 'ver' | 'sver'>;

/** Allowance for the difference between the clocks of two processes. */
export const CLOCK_SKEW_MS = MINUTE;

const GOOD: TokenStatus = { kind: 'good' };
const STALE: TokenStatus = { kind: 'stale' };

/** Of a session that has ended. One that was renewed goes on by another name, which the next refresh brings. */
const statusAfter = (cause: RevocationCause): TokenStatus => (cause === 'renewed' ? STALE : { kind: 'revoked', cause });

export interface RevocationsOptions {
  database: AuthDatabase;
  feed: RevocationFeed;
  clock: WatchedClock;
  /** Lifetime of an access token: nothing needs to be remembered for longer. */
  accessTokenTtlMs: number;
  /** For so long after a refresh that rotates another one may hand out an access token, and write nothing. */
  refreshLeewayMs: number;
  /** Called when reading revocations failed; it will be retried. */
  onError: (error: unknown) => void;
}

export type Revocations = ReturnType<typeof createRevocations>;

/**
 * When no token can be left. By the monotonic clock, since the other one may be set ahead and back again in between;
 * and by the other one too, by which tokens end, since it may be set back.
 */
interface Retention {
  monotonic: number;
  wall: number;
}

/** How often what is over is looked for among the entries, while new ones come. */
const SWEEP_INTERVAL_MS = MINUTE;
const RETRY_INTERVAL_MS = SECOND;

/**
 * What was revoked while access tokens of it may still be about, held in memory, so that the protected path reads no
 * database. While the feed is not live, the database is asked instead: nothing revoked is accepted because a connection
 * broke. The same while the clock was set back and what ended by the new time has not been read yet: tokens that were
 * over count again, and with them what had been forgotten, or was never read.
 */
export const createRevocations = (options: RevocationsOptions) => {
  const { database, feed, clock, accessTokenTtlMs, refreshLeewayMs, onError } = options;
  const lifetimeMs = accessTokenTtlMs + CLOCK_SKEW_MS;
  const sessions = new Map<string, { cause: RevocationCause; keep: Retention }>();
  const proofs = new Map<string, { sver: number; keep: Retention }>();
  const versions = new Map<string, { ver: number; keep: Retention }>();
  const listeners = new Set<(what: RevocationNotice) => void>();
  let latest = Number.NEGATIVE_INFINITY;
  let nextSweep = Number.NEGATIVE_INFINITY;
  /** How often the clock has been set back, and up to which time of these all is known. */
  let setBacks = 0;
  let known = 0;
  let cancel = (): void => {};
  let unwatch = (): void => {};

  const forgetOld = (now: Retention): void => {
    if (now.monotonic < nextSweep) return;
    nextSweep = now.monotonic + SWEEP_INTERVAL_MS;
    for (const entries of [sessions, proofs, versions]) {
      for (const [name, { keep }] of entries) {
        if (keep.monotonic <= now.monotonic && keep.wall <= now.wall) entries.delete(name);
      }
    }
  };

  /** @param at when it was revoked, by the clock of the process that did it; unknown when it was just now. */
  const remember = (what: RevocationNotice, at?: number): void => {
    const now: Retention = { monotonic: clock.monotonic(), wall: clock.now() };
    forgetOld(now);
    latest = Math.max(latest, now.wall);
    const keep: Retention = {
      monotonic: now.monotonic + lifetimeMs,
      wall: Math.max(at === undefined ? latest : at, now.wall) + lifetimeMs,
    };
    if (what.kind === 'session') {
      const isKnown = sessions.has(what.sid);
      sessions.set(what.sid, { cause: what.cause, keep });
      if (isKnown) return;
    } else if (what.kind === 'proof') {
      const known = proofs.get(what.sid)?.sver ?? 0;
      proofs.set(what.sid, { sver: Math.max(what.sver, known), keep });
      if (what.sver <= known) return;
    } else {
      const known = versions.get(what.userId)?.ver ?? 0;
      versions.set(what.userId, { ver: Math.max(what.ver, known), keep });
      if (what.ver <= known) return;
    }
    for (const listener of listeners) listener(what);
  };

  const notice = (what: RevocationNotice): void => remember(what);

  const catchUp = async (withinMs = lifetimeMs): Promise<void> => {
    const upTo = setBacks;
    // What ended by the hand of somebody whose clock is behind has the time of its last refresh: see
    // `revocationTriggers`.
    const since = clock.now() - withinMs - refreshLeewayMs;
    const revoked = await database
      .selectFrom('auth_sessions')
      .select(['sid', 'revoked_at', 'revoked_cause'])
      .where('revoked_at', '>', since)
      .execute();
    const raised = await database
      .selectFrom('auth_users')
      .select(['id', 'ver', 'ver_raised_at'])
      .where('ver_raised_at', '>', since)
      .execute();
    const proven = await database
      .selectFrom('auth_sessions')
      .select(['sid', 'sver', 'fresh_at'])
      .where('sver', '>', sql.lit(0))
      .where('fresh_at', '>', since)
      .execute();
    const removed = await database.selectFrom('auth_removals').selectAll().where('at', '>', since).execute();
    for (const { sid, revoked_at: at, revoked_cause: cause } of revoked) {
      remember({ kind: 'session', sid, cause: revocationCauseOf(cause) }, at ?? undefined);
    }
    for (const { id, ver, ver_raised_at: at } of raised) remember({ kind: 'user', userId: id, ver }, at ?? undefined);
    for (const { sid, sver, fresh_at: at } of proven) remember({ kind: 'proof', sid, sver }, at ?? undefined);
    for (const { kind, name, at } of removed) {
      if (kind === 'session') remember({ kind, sid: name, cause: revocationCauseOf(null) }, at);
      else remember({ kind, userId: name, ver: VER_OF_NOBODY }, at);
    }
    if (withinMs >= lifetimeMs) known = Math.max(known, upTo);
  };

  /** After the clock was set back. Until it has succeeded, the database is asked. */
  const catchUpAgain = async (): Promise<void> => {
    try {
      await catchUp();
    } catch (error) {
      onError(error);
      cancel();
      cancel = clock.after(RETRY_INTERVAL_MS, () => void catchUpAgain());
    }
  };
  clock.onSetBack(() => {
    setBacks += 1;
    void catchUpAgain();
  });

  const isLive = (): boolean => known === setBacks && feed.isLive();

  const statusStatement = prepare<Pick<TokenHolder, 'sid' | 'id'>>()((value) =>
    database
      .selectFrom('auth_sessions as s')
      .innerJoin('auth_users as u', 'u.id', 's.user_id')
      .where('s.sid', '=', value.sid)
      .where('s.user_id', '=', value.id)
      .select(['s.revoked_at', 's.revoked_cause', 's.sver', 'u.ver', 'u.disabled_at']),
  );

  const remembered = ({ sid, id, ver, sver }: TokenHolder): TokenStatus => {
    const session = sessions.get(sid);
    if (session !== undefined) return statusAfter(session.cause);
    if (sver < (proofs.get(sid)?.sver ?? 0)) return STALE;
    return ver < (versions.get(id)?.ver ?? 0) ? STALE : GOOD;
  };

  const asked = async ({ sid, id, ver, sver }: TokenHolder): Promise<TokenStatus> => {
    const [row] = (await statusStatement(database, { sid, id })).rows;
    // A row that is gone was purged long after its session's end, or went with its user.
    if (row === undefined) return STALE;
    const cause = causeOfEnd(row);
    if (cause !== null) return statusAfter(cause);
    if (row.disabled_at !== null) return { kind: 'revoked', cause: 'account_disabled' };
    return ver < row.ver || sver < row.sver ? STALE : GOOD;
  };

  return {
    start: () => {
      unwatch = clock.watch();
      return feed.start({ catchUp, notice });
    },
    stop: () => {
      cancel();
      unwatch();
      return feed.stop();
    },
    isLive,
    lag: () => feed.lag(),
    /**
     * Makes known what this process has revoked and committed: here at once, and to the others when it settles. Never
     * rejects.
     */
    announce: (notices: readonly RevocationNotice[]): Promise<void> => {
      for (const one of notices) remember(one);
      return feed.announce(notices);
    },
    /** Tells of every notice from now on. Returns a function that stops it. */
    onNotice: (listener: (what: RevocationNotice) => void): (() => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    /** Answers at once while the feed is live. */
    statusOf: (principal: TokenHolder): TokenStatus | Promise<TokenStatus> => {
      const status = remembered(principal);
      return isLive() || status.kind === 'revoked' ? status : asked(principal);
    },
  };
};
