import type { ExpressionBuilder } from 'kysely';
import type { Purge } from '../store/purging.ts';
import type { AuthDatabase, AuthTables } from '../store/tables.ts';
import type { RateLimit } from './rate-limit.ts';

type RateLimits = Readonly<Record<string, RateLimit>>;

const isForgotten = (where: ExpressionBuilder<AuthTables, 'auth_limits'>, limits: RateLimits, now: number) =>
  where.or(
    Object.entries(limits).map(([limit, { forgetAfterMs }]) =>
      where.and([where('name', 'like', `${limit}:%`), where('touched_at', '<=', now - forgetAfterMs)]),
    ),
  );

/**
 * Attempts that are forgotten. Walked along the primary key: an index on `touched_at` would cost every attempt more
 * than all the walks.
 */
export const purgeLimits =
  (database: AuthDatabase, limits: RateLimits): Purge =>
  async ({ after, limit, now }) => {
    const last = await database
      .selectFrom('auth_limits')
      .select('name')
      .where('name', '>', after)
      .orderBy('name')
      .limit(1)
      .offset(limit - 1)
      .executeTakeFirst();
    const { numDeletedRows } = await database
      .deleteFrom('auth_limits')
      .where('name', '>', after)
      .$if(last !== undefined, (query) => query.where('name', '<=', last?.name ?? ''))
      .where((where) => isForgotten(where, limits, now))
      .executeTakeFirstOrThrow();
    return { purged: Number(numDeletedRows), next: last?.name };
  };
