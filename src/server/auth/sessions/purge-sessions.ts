import { DAY } from '../clock.ts';
import { CLOCK_SKEW_MS } from '../gate/revocations.ts';
import type { Purge } from '../store/purging.ts';
import type { AuthDatabase } from '../store/tables.ts';

/** For how long after its end a session can still say why it ended. */
const ENDED_SESSIONS_KEPT_MS = 30 * DAY;

/*
 * Walked along the primary key. What tells that a row is over (`idle_ends_at`) is written by every refresh: an index on
 * it would cost each of these more than all the walks.
 */

/**
 * Sessions that ended long ago, revoked or not. A revoked one is kept while access tokens of it may be about, however
 * long that is.
 */
export const purgeSessions = (database: AuthDatabase, accessTokenTtlMs: number): Purge => {
  const kept = Math.max(ENDED_SESSIONS_KEPT_MS, accessTokenTtlMs + CLOCK_SKEW_MS);
  return async ({ after, limit, now }) => {
    const last = await database
      .selectFrom('auth_sessions')
      .select('sid')
      .where('sid', '>', after)
      .orderBy('sid')
      .limit(1)
      .offset(limit - 1)
      .executeTakeFirst();
    const endedBefore = now - kept;
    const { numDeletedRows } = await database
      .deleteFrom('auth_sessions')
      .where('sid', '>', after)
      .$if(last !== undefined, (query) => query.where('sid', '<=', last?.sid ?? ''))
      .where((where) =>
        where.or([
          where('revoked_at', '<=', endedBefore),
          where('idle_ends_at', '<=', endedBefore),
          where('absolute_ends_at', '<=', endedBefore),
        ]),
      )
      .executeTakeFirstOrThrow();
    return { purged: Number(numDeletedRows), next: last?.sid };
  };
};
