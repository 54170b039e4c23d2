import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eachStore } from '#testing/each-store.ts';
import { passwords } from '../features/passwords/index.ts';
import { PASSWORD_LIMITS, type PasswordLimit } from '../features/passwords/password-limits.ts';
import { authMigrationSets } from '../migration-sets.ts';
import type { AuthTables } from '../store/tables.ts';
import { createLimitStore } from './limit-store.ts';
import { type RateLimit, waitAfter } from './rate-limit.ts';
import { type Attempts, CLOCK_TOLERANCE_MS, waitOf } from './wait-of.ts';

type AttemptDecision = { kind: 'counted'; attempts: Attempts } | { kind: 'refused'; wait: number };

/** A model of the statement that counts an attempt: what becomes of one, by what is known of those before it. */
const decideAttempt = (before: Attempts | undefined, now: number, limit: RateLimit): AttemptDecision => {
  const wait = before === undefined ? 0 : waitOf(before, now, limit);
  if (wait > 0) return { kind: 'refused', wait };
  const isForgotten = before === undefined || before.touched_at <= now - limit.forgetAfterMs;
  const attempts = isForgotten ? 1 : before.attempts + 1;
  return { kind: 'counted', attempts: { attempts, wait_until: now + waitAfter(attempts, limit), touched_at: now } };
};

const SECOND = 1000;
const HOUR = 60 * 60 * SECOND;
const NOW = Date.UTC(2026, 0, 1);

const NAMES = ['account', 'device', 'pair', 'address', 'registration'] as const satisfies readonly PasswordLimit[];
const anyName = fc.constantFrom(...NAMES);

/** Times near each other and far apart, at the edges of whatever is compared. */
const anyOffset = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.integer({ min: -40 * 24 * HOUR, max: 40 * 24 * HOUR }),
  fc
    .tuple(
      fc.constantFrom(
        CLOCK_TOLERANCE_MS,
        HOUR,
        24 * HOUR,
        30 * 24 * HOUR,
        15 * SECOND,
        -HOUR,
        -24 * HOUR,
        -30 * 24 * HOUR,
      ),
      fc.integer({ min: -1, max: 1 }),
    )
    .map(([edge, beside]) => edge + beside),
);
/** Any row at all: by another version, by hand, by a clock of another year. */
const anyAttempts: fc.Arbitrary<Attempts> = fc
  .record({ attempts: fc.integer({ min: 0, max: 130 }), touched: anyOffset, wait: anyOffset })
  .map(({ attempts, touched, wait }) => ({ attempts, touched_at: NOW + touched, wait_until: NOW + touched + wait }));

test('a first attempt is never refused', () => {
  for (const name of NAMES) {
    expect(decideAttempt(undefined, NOW, PASSWORD_LIMITS[name])).toEqual({
      kind: 'counted',
      attempts: { attempts: 1, touched_at: NOW, wait_until: NOW },
    });
  }
});

test('whatever a row says, nobody waits longer than the limit’s longest wait, and who waits it out is looked at', () => {
  fc.assert(
    fc.property(anyName, anyAttempts, (name, attempts) => {
      const limit = PASSWORD_LIMITS[name];
      const wait = waitOf(attempts, NOW, limit);
      expect(wait).toBeGreaterThanOrEqual(0);
      expect(wait).toBeLessThanOrEqual(limit.maxWaitMs);
      const isOver = NOW + (wait === 0 ? 0 : wait + CLOCK_TOLERANCE_MS);
      expect(decideAttempt(attempts, isOver, limit).kind).toBe('counted');
    }),
    { numRuns: 5000 },
  );
});

test('a row that a clock ahead wrote makes nobody wait', () => {
  fc.assert(
    fc.property(
      anyName,
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 1, max: 400 * 24 * HOUR }),
      (name, attempts, ahead) => {
        const limit = PASSWORD_LIMITS[name];
        const then = NOW + CLOCK_TOLERANCE_MS + ahead;
        const row = { attempts, touched_at: then, wait_until: then + waitAfter(attempts, limit) };
        expect(decideAttempt(row, NOW, limit)).toMatchObject({
          kind: 'counted',
          attempts: { attempts: attempts + 1, touched_at: NOW },
        });
      },
    ),
  );
});

test('by clocks that are a few seconds apart nobody waits longer than by one, but for those seconds', () => {
  const anyCourse = fc.array(
    fc.record({ after: fc.integer({ min: 0, max: 60 * SECOND }), skew: fc.integer({ min: -2, max: 2 }) }),
    { maxLength: 40, size: 'max' },
  );
  fc.assert(
    fc.property(anyName, anyCourse, (name, course) => {
      const limit = PASSWORD_LIMITS[name];
      let time = NOW;
      let row: Attempts | undefined;
      let looked = { at: NOW, wait: 0 };
      for (const { after, skew } of course) {
        time += after;
        const decision = decideAttempt(row, time + skew * SECOND, limit);
        if (decision.kind === 'refused') {
          expect(looked.wait).toBeGreaterThan(0);
          expect(decision.wait).toBeLessThanOrEqual(looked.wait);
          expect(time - looked.at).toBeLessThan(looked.wait + 4 * SECOND);
        } else {
          // Nor is anybody let in early, but for those seconds.
          if (row !== undefined) expect(time - looked.at).toBeGreaterThanOrEqual(looked.wait - 4 * SECOND);
          row = decision.attempts;
          looked = { at: time, wait: waitAfter(row.attempts, limit) };
        }
      }
    }),
  );
});

describe.each(eachStore)('on $dialect', ({ open }) => {
  test('the statement that counts an attempt decides as the function does, whatever the row says', async () => {
    const store = await open();
    try {
      await store.database.migrate(authMigrationSets(store.database.dialect, [passwords()]));
      const database = store.database.db.withTables<AuthTables>();
      const limits = createLimitStore(database, PASSWORD_LIMITS);
      let count = 0;
      await fc.assert(
        fc.asyncProperty(anyName, fc.option(anyAttempts, { nil: undefined }), async (limit, before) => {
          count += 1;
          const bucket = { limit, key: String(count) };
          const name = `${limit}:${count}`;
          if (before !== undefined)
            await database
              .insertInto('auth_limits')
              .values({ name, ...before })
              .execute();
          const wait = await limits.take(bucket, NOW);
          const after = await database
            .selectFrom('auth_limits')
            .select(['attempts', 'wait_until', 'touched_at'])
            .where('name', '=', name)
            .executeTakeFirst();
          const decision = decideAttempt(before, NOW, PASSWORD_LIMITS[limit]);
          expect({ wait, after }).toEqual(
            decision.kind === 'counted'
              ? { wait: 0, after: decision.attempts }
              : { wait: decision.wait, after: before },
          );
        }),
        { numRuns: 300 },
      );
    } finally {
      await store.remove();
    }
  });
});
