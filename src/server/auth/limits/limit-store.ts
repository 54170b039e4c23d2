import { sql } from 'kysely';
import { prepare } from '../store/prepared-statement.ts';
import type { AuthDatabase } from '../store/tables.ts';
import { type RateLimit, waitAfter, waitsOf } from './rate-limit.ts';
import { CLOCK_TOLERANCE_MS, waitOf } from './wait-of.ts';

export interface Bucket {
  /** The name of one of the limits that the store was made with. */
  limit: string;
  /** Who it is for. Never shown: a name may be a person's. */
  key: string;
}

/** An attempt as it was counted: where, and when. */
export interface CountedAttempt {
  bucket: Bucket;
  at: number;
}

const nameOf = ({ limit, key }: Bucket): string => `${limit}:${key}`;

export type LimitStore = ReturnType<typeof createLimitStore>;

/**
 * Counts an attempt by one statement, unless a wait is not over, so that of many at once with one attempt left one gets
 * through. `count-attempt.test.ts` holds it to a model.
 */
const takeStatement = (database: AuthDatabase, limit: RateLimit) =>
  prepare<{ name: string; now: number; forgottenAt: number; believedTo: number }>()((value) => {
    const now = sql<number>`cast(${value.now} as bigint)`;
    const attempts = sql<number>`case when auth_limits.touched_at <= ${value.forgottenAt} then 1 else auth_limits.attempts + 1 end`;
    const waits = waitsOf(limit).map((wait, index) => sql`when ${sql.lit(limit.burst + index)} then ${sql.lit(wait)}`);
    const wait = sql<number>`case when ${attempts} < ${sql.lit(limit.burst)} then 0 else
      case ${attempts} ${sql.join(waits, sql` `)} else ${sql.lit(limit.maxWaitMs)} end end`;
    return database
      .insertInto('auth_limits')
      .values({
        name: value.name,
        attempts: 1,
        wait_until: sql<number>`${now} + ${sql.lit(waitAfter(1, limit))}`,
        touched_at: value.now,
      })
      .onConflict((conflict) =>
        conflict
          .column('name')
          .doUpdateSet({ attempts, wait_until: sql<number>`${now} + ${wait}`, touched_at: now })
          .where((where) =>
            where.or([
              where('auth_limits.wait_until', '<=', value.now),
              where('auth_limits.wait_until', '<=', where.ref('auth_limits.touched_at')),
              where(sql`auth_limits.wait_until - auth_limits.touched_at`, '>', sql.lit(limit.maxWaitMs)),
              where('auth_limits.touched_at', '>', value.believedTo),
            ]),
          ),
      )
      .returning('name');
  });

/**
 * The attempts that the store counts, for all processes together.
 * @param limits by name: the rows of each begin with it.
 */
export const createLimitStore = (database: AuthDatabase, limits: Readonly<Record<string, RateLimit>>) => {
  const known = new Map(
    Object.entries(limits).map(([name, limit]) => [name, { limit, takeStatement: takeStatement(database, limit) }]),
  );

  const find = (name: string) => {
    const found = known.get(name);
    if (found === undefined) throw new TypeError(`There is no limit ${name}.`);
    return found;
  };

  return {
    /** Counts an attempt, or refuses it. Returns how long to wait, in milliseconds; 0 when the attempt was counted. */
    take: async (bucket: Bucket, now: number): Promise<number> => {
      const { limit, takeStatement } = find(bucket.limit);
      const values = {
        name: nameOf(bucket),
        now,
        forgottenAt: now - limit.forgetAfterMs,
        believedTo: now + CLOCK_TOLERANCE_MS,
      };
      const { rows } = await takeStatement(database, values);
      if (rows.length > 0) return 0;

      const row = await database
        .selectFrom('auth_limits')
        .select(['attempts', 'wait_until', 'touched_at'])
        .where('name', '=', nameOf(bucket))
        .executeTakeFirst();
      // Gone in the meantime, or its wait is over: the next attempt will tell.
      return Math.max(1, row === undefined ? 0 : waitOf(row, now, limit));
    },

    /** Forgets the attempts of these buckets: the person has proved who they are. */
    clear: async (buckets: readonly Bucket[]): Promise<void> => {
      await database.deleteFrom('auth_limits').where('name', 'in', buckets.map(nameOf)).execute();
    },

    /** Takes one attempt back that was none. A wait goes with it, unless another attempt has come since. */
    refund: async ({ bucket, at }: CountedAttempt): Promise<void> => {
      await database
        .updateTable('auth_limits')
        .set({
          attempts: sql<number>`attempts - 1`,
          wait_until: sql<number>`case when touched_at = ${at} then 0 else wait_until end`,
        })
        .where('name', '=', nameOf(bucket))
        .where('attempts', '>', 0)
        .execute();
    },
  };
};
