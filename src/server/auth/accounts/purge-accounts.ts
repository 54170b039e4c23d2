import { CLOCK_SKEW_MS } from '../gate/revocations.ts';
import type { Purge } from '../store/purging.ts';
import type { AuthDatabase } from '../store/tables.ts';

/** A step takes what refers to each of them along: sessions, credentials, and what the app has under its account. */
const MAX_AT_ONCE = 20;

/** Accounts that were deleted so long ago that no access token of theirs is about. They are empty already. */
export const purgeAccounts = (database: AuthDatabase, accessTokenTtlMs: number): Purge => {
  const kept = accessTokenTtlMs + CLOCK_SKEW_MS;
  return async ({ now }) => {
    const { numDeletedRows } = await database
      .deleteFrom('auth_users')
      .where('id', 'in', (users) =>
        users
          .selectFrom('auth_users')
          .select('id')
          .where('deleted_at', '<=', now - kept)
          .limit(MAX_AT_ONCE),
      )
      .executeTakeFirstOrThrow();
    const purged = Number(numDeletedRows);
    return { purged, next: purged < MAX_AT_ONCE ? undefined : 'more' };
  };
};
