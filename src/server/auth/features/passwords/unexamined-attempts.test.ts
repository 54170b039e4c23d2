import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createTestAuth, TEST_PASSWORD, type TestAuth, type TestBrowser, testRouter } from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import { failStatements } from '#testing/failing-statements.ts';
import { reasonOf, refuse } from '../../refusal.ts';
import type { AuthTables } from '../../store/tables.ts';
import { createCallerFactory } from '../../trpc/procedures.ts';
import type { HasherPool } from './hasher-pool.ts';

const MINUTE = 60_000;
const createCaller = createCallerFactory(testRouter);
/** No login has as many statements. */
const MAX_STATEMENTS = 40;

describe.each(eachStore)('on $dialect', ({ open }) => {
  let store: TestStore;
  let kit: TestAuth;
  /** What the passwords do, once each; else they are hashed at once. */
  let next: { ensureRoom?: () => void; work?: () => Promise<void> };

  const act = async (): Promise<void> => {
    const { work } = next;
    next = {};
    await work?.();
  };
  const passwords: HasherPool = {
    hash: async (password, isWanted) => {
      await act();
      if (isWanted?.() === false) throw refuse('unavailable');
      return `plain$${password}`;
    },
    verify: async (hash, password) => {
      await act();
      return hash === `plain$${password}`;
    },
    isOutdated: () => false,
    waiting: () => 0,
    ensureRoom: () => next.ensureRoom?.(),
  };

  beforeEach(async () => {
    next = {};
    store = await open();
    kit = await createTestAuth(store, { rateLimit: true, hasher: passwords });
    await kit.services.purging.stop();
    await kit.openBrowser().register('ada');
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await kit.stop();
    await store.remove();
  });

  const login = (password: string, browser: TestBrowser = kit.openBrowser()): Promise<unknown> =>
    browser
      .call()
      .auth.login({ username: 'ada', password })
      .then(
        () => 'let in',
        (error: unknown) => reasonOf(error) ?? 'failed',
      );
  const register = (username: string): Promise<unknown> =>
    kit
      .openBrowser()
      .register(username)
      .then(
        () => 'let in',
        (error: unknown) => reasonOf(error) ?? 'failed',
      );

  const attempts = async (): Promise<Record<string, number>> => {
    const db = store.database.db.withTables<AuthTables>();
    const rows = await db.selectFrom('auth_limits').select(['name', 'attempts']).where('attempts', '>', 0).execute();
    const sums: Record<string, number> = {};
    for (const { name, attempts: count } of rows) {
      const [limit = ''] = name.split(':');
      sums[limit] = (sums[limit] ?? 0) + count;
    }
    return sums;
  };

  const unavailable = () => {
    throw refuse('unavailable');
  };
  const ours: [string, () => void][] = [
    ['the queue of hashes is full', () => Object.assign(next, { ensureRoom: unavailable })],
    ['the queue has filled up meanwhile', () => Object.assign(next, { work: async () => unavailable() })],
    [
      'hashing fails',
      () =>
        Object.assign(next, {
          work: () => Promise.reject(new Error('Out of memory.')),
        }),
    ],
  ];

  test.each(ours)('a login counts for nothing when %s, however often', async (_why, arrange) => {
    await login('wrong');
    const before = await attempts();
    expect(before).toEqual({ registration: 1, address: 1, pair: 1, account: 1 });
    for (let time = 0; time < 12; time += 1) {
      arrange();
      expect(await login(TEST_PASSWORD)).toMatch(/^(?:unavailable|failed)$/);
    }
    next = {};
    expect(await attempts()).toEqual(before);
    expect(await login(TEST_PASSWORD)).toBe('let in');
  });

  test('a login whose client has gone before its turn leaves the name alone, and costs the address an attempt', async () => {
    const pool = await createTestAuth(store, { rateLimit: true, clock: kit.clock });
    const leaving = pool.openBrowser();
    leaving.isGone = true;
    for (let time = 0; time < 6; time += 1) expect(await login('wrong', leaving)).toBe('failed');
    expect(await attempts()).toEqual({ registration: 1, address: 6 });
    await pool.stop();
  });

  test('a login that one limit of its name refuses is not counted by the other', async () => {
    const from = (address: string): TestBrowser => {
      const browser = kit.openBrowser();
      const { context } = browser;
      const contextThere = () => ({ ...context(), request: { ...context().request, address } });
      return { ...browser, call: () => createCaller(contextThere()) };
    };
    for (let index = 0; index < 10; index += 1) await login('wrong', from(`198.51.100.${index}`));
    expect(await attempts()).toEqual({ registration: 1, address: 10, pair: 10, account: 10 });
    const elsewhere = from('203.0.113.1');
    for (let time = 0; time < 8; time += 1) expect(await login(TEST_PASSWORD, elsewhere)).toBe('rate_limited');
    expect(await attempts()).toEqual({ registration: 1, address: 18, pair: 10, account: 10 });
    kit.clock.advance(MINUTE);
    expect(await login(TEST_PASSWORD, elsewhere)).toBe('let in');
  });

  test('a login of which a statement fails costs no attempt, whichever statement it is', async () => {
    for (let time = 0; time < 3; time += 1) await login('wrong');
    const before = await attempts();
    const statements = await failStatements(store);
    let failed = 0;
    for (let n = 1; n <= MAX_STATEMENTS; n += 1) {
      statements.failAt(n, 'unsent');
      const answer = await login(TEST_PASSWORD);
      if (!statements.relent()) break;
      failed += 1;
      expect([n, answer]).toEqual([n, 'unavailable']);
      for (const [limit, count] of Object.entries(await attempts())) {
        expect([n, limit, count <= (before[limit] ?? 0)]).toEqual([n, limit, true]);
      }
    }
    expect(failed).toBeGreaterThan(7);
  });

  test('a registration counts for nothing when the queue is full, and counts once its names were looked up', async () => {
    next = { ensureRoom: unavailable };
    expect(await register('grace')).toBe('unavailable');
    expect(await attempts()).toEqual({ registration: 1 });
    next = { work: async () => unavailable() };
    expect(await register('grace')).toBe('unavailable');
    expect(await attempts()).toEqual({ registration: 2 });
    expect(await register('ada')).toBe('username_taken');
    expect(await attempts()).toEqual({ registration: 3 });
  });

  test('a wrong password counts whatever happens to its answer', async () => {
    const leaving = kit.openBrowser();
    next = {
      work: async () => {
        leaving.isGone = true;
      },
    };
    expect(await login('wrong', leaving)).toBe('invalid_credentials');
    expect(await attempts()).toEqual({ registration: 1, address: 1, pair: 1, account: 1 });
  });
});
