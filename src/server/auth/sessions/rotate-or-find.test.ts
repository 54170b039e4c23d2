import fc from 'fast-check';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestAuth, type TestAuth } from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import type { AuthTables } from '../store/tables.ts';
import type { RefreshToken } from '../tokens/refresh-tokens.ts';
import { createRandomName, hashSecret } from '../tokens/secrets.ts';
import { createRotateOrFind } from './rotate-or-find.ts';
import { decideRotation } from './rotation.ts';
import { createSessionStore } from './session-store.ts';

const LEEWAY = 30_000;
const POLICY = { leewayMs: LEEWAY, idleTtlMs: 7 * 24 * 60 * 60 * 1000 };
const NOW = Date.UTC(2026, 0, 1);

/** Times at the edges of whatever is compared, and anywhere. */
const anyTime = fc.oneof(
  fc
    .tuple(fc.constantFrom(0, -LEEWAY, -4 * LEEWAY), fc.integer({ min: -2, max: 2 }))
    .map(([edge, beside]) => NOW + edge + beside),
  fc.integer({ min: NOW - 10 * LEEWAY, max: NOW + 10 * LEEWAY }),
);
/** Mostly far away: of a session that is over nothing else is to be decided. */
const anyEnd = fc.oneof(
  { weight: 4, arbitrary: fc.constant(NOW + POLICY.idleTtlMs) },
  { weight: 1, arbitrary: anyTime },
);
const maybe = (time: fc.Arbitrary<number>) =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: time });

const anyRow = fc
  .record({
    confirmed: fc.integer({ min: 0, max: 3 }),
    ahead: fc.integer({ min: 1, max: 3 }),
    issued_at: anyTime,
    handed_at: anyTime,
    sver: fc.integer({ min: 0, max: 2 }),
    forks: fc.integer({ min: 0, max: 4 }),
    idle_ends_at: anyEnd,
    absolute_ends_at: anyEnd,
    revoked_at: maybe(fc.constant(NOW)),
  })
  .map(({ ahead, ...row }) => ({ ...row, issued: row.confirmed + ahead }));

const anyPresented = fc.record({
  gen: fc.integer({ min: 1, max: 7 }),
  /** Mostly the row's, as after a login. */
  sver: fc.constantFrom(0, 0, 0, 1, 2),
  which: fc.constantFrom<'issued' | 'confirmed' | 'past' | 'any'>('issued', 'issued', 'confirmed', 'past', 'any'),
  hasSecret: fc.constantFrom(true, true, true, false),
  isDisabled: fc.constantFrom(false, false, false, true),
});

describe.each(eachStore)('on $dialect', ({ dialect, open }) => {
  let store: TestStore;
  let kit: TestAuth;

  beforeAll(async () => {
    // Of an app, which shares the driver and reads JSON in a way of its own.
    pg.types.setTypeParser(pg.types.builtins.JSON, (text) => `its own ${text}`);
    store = await open();
    kit = await createTestAuth(store);
    await kit.openBrowser().register('ada');
  });
  afterAll(async () => {
    await kit.stop();
    await store.remove();
    pg.types.setTypeParser(pg.types.builtins.JSON, JSON.parse);
  });

  test('the statement rotates a row if and only if the function says so, and to what it says', async () => {
    const db = store.database.db.withTables<AuthTables>();
    const { find } = createSessionStore(db);
    const rotateOrFind = createRotateOrFind({ database: db, dialect: store.database.dialect, find, policy: POLICY });
    const { sid, user_id: userId } = await db.selectFrom('auth_sessions').selectAll().executeTakeFirstOrThrow();
    const sec = createRandomName();
    const kinds = new Set<string>();
    await fc.assert(
      fc.asyncProperty(anyRow, anyPresented, async (row, { gen, sver, which, hasSecret, isDisabled }) => {
        // An end that stands is never taken back, but by a test.
        await db.deleteFrom('auth_sessions').execute();
        const made = {
          sid,
          id: 'public',
          user_id: userId,
          auth_time: NOW,
          amr: 'pwd',
          fresh_hash: null,
          fresh_at: null,
          fresh_amr: '',
          created_at: NOW,
          user_agent: null,
          ip: null,
        };
        const secHash = hashSecret(hasSecret ? sec : 'another');
        const revoked = { revoked_cause: row.revoked_at === null ? null : 'logout' };
        await db
          .insertInto('auth_sessions')
          .values({ ...made, ...row, ...revoked, sec_hash: secHash })
          .execute();
        await db
          .updateTable('auth_users')
          .set({ disabled_at: isDisabled ? NOW : null })
          .execute();

        const before = await find({ sid, userId });
        if (before === undefined) throw new Error('It was just made.');
        const token: RefreshToken = {
          userId,
          sid,
          sec,
          sver,
          gen: Math.max(1, { ...row, past: row.confirmed - 1, any: gen }[which]),
          signedAt: 0,
          expiresAt: NOW + 1,
        };
        const outcome = decideRotation(before.state, token, NOW, POLICY);
        kinds.add(outcome.kind);
        // A token that knows of a proof that the row has lost goes the way of `nextStep`.
        const isRotated = outcome.kind === 'rotate' && hasSecret && row.sver >= sver;

        const found = await rotateOrFind(token, NOW);
        const after = isRotated ? { ...before, state: outcome.next } : before;
        expect(found).toEqual({ session: after, isRotated });
        expect(await find({ sid, userId })).toEqual(after);
      }),
      { numRuns: 400 },
    );
    expect([...kinds].toSorted()).toEqual(['expired', 'fork', 'recover', 'replay', 'reuse', 'revoked', 'rotate']);
  }, 120_000);

  // A shell of SQLite looks at no foreign keys, unless it is told to.
  test.runIf(dialect === 'sqlite')(
    'a session whose account was deleted by hand is neither rotated nor found',
    async () => {
      await kit.openBrowser().register('eve');
      const db = store.database.db.withTables<AuthTables>();
      const { id } = await db
        .selectFrom('auth_users')
        .select('id')
        .where('username', '=', 'eve')
        .executeTakeFirstOrThrow();
      const sec = createRandomName();
      const { sid } = await db
        .updateTable('auth_sessions')
        .set({ sec_hash: hashSecret(sec) })
        .where('user_id', '=', id)
        .returning('sid')
        .executeTakeFirstOrThrow();
      await sql`pragma foreign_keys = off`.execute(db);
      await db.deleteFrom('auth_users').where('id', '=', id).execute();
      await sql`pragma foreign_keys = on`.execute(db);

      const { find } = createSessionStore(db);
      const rotateOrFind = createRotateOrFind({ database: db, dialect, find, policy: POLICY });
      const now = kit.clock.now() + LEEWAY;
      const token = { userId: id, sid, sec, sver: 0, gen: 1, signedAt: 0, expiresAt: now + 1 };
      expect(await rotateOrFind(token, now)).toBeUndefined();
      const { issued } = await db
        .selectFrom('auth_sessions')
        .select('issued')
        .where('sid', '=', sid)
        .executeTakeFirstOrThrow();
      expect(issued).toBe(1);
    },
  );

  test('a session that is not there is not found', async () => {
    const db = store.database.db.withTables<AuthTables>();
    const { find } = createSessionStore(db);
    const rotateOrFind = createRotateOrFind({ database: db, dialect: store.database.dialect, find, policy: POLICY });
    const [sid, sec] = [createRandomName(), createRandomName()];
    expect(
      await rotateOrFind({ userId: 'nobody', sid, sec, sver: 0, gen: 1, signedAt: 0, expiresAt: NOW + 1 }, NOW),
    ).toBe(undefined);
  });
});
