import { DAY } from '../clock.ts';
import type { Purge } from '../store/purging.ts';
import type { AuthDatabase } from '../store/tables.ts';
import { CLOCK_SKEW_MS } from './revocations.ts';

/**
 * What was removed so long ago that no access token of it is about, and a day more.
 */
export const purgeRemovals = (database: AuthDatabase, accessTokenTtlMs: number): Purge => {
  const kept = DAY + accessTokenTtlMs + CLOCK_SKEW_MS;
  return async ({ limit, now }) => {
    const removedBefore = now - kept;
    const last = await database
      .selectFrom('auth_removals')
      .select('at')
      .where('at', '<=', removedBefore)
      .orderBy('at')
      .limit(1)
      .offset(limit - 1)
      .executeTakeFirst();
    const { numDeletedRows } = await database
      .deleteFrom('auth_removals')
      .where('at', '<=', last?.at ?? removedBefore)
      .executeTakeFirstOrThrow();
    return { purged: Number(numDeletedRows), next: last && 'more' };
  };
};
