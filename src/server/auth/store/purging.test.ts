import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createTestAuth, type TestAuth, type TestBrowser } from '#testing/auth.ts';
import { createTestClock } from '#testing/clock.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import { PASSWORD_LIMITS } from '../features/passwords/password-limits.ts';
import { purgeLimits } from '../limits/purge-limits.ts';
import { reasonOf } from '../refusal.ts';
import { purgeSessions } from '../sessions/purge-sessions.ts';
import { createPurging, type Purge } from './purging.ts';
import type { AuthDatabase, AuthTables } from './tables.ts';

const SECOND = 1000;
const HOUR = 60 * 60 * SECOND;
const DAY = 24 * HOUR;
const ACCESS_TOKEN_TTL = 900;

const refusal = (call: Promise<unknown>) => call.then(() => 'let through', reasonOf);

/** Lets promises that wait for no timer go on. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe.each(eachStore)('on $dialect', ({ open }) => {
  let store: TestStore;
  let kit: TestAuth;
  let database: AuthDatabase;
  let browser: TestBrowser;

  beforeEach(async () => {
    store = await open();
    kit = await createTestAuth(store, { rateLimit: true });
    await kit.services.purging.stop(); // Here each step is taken by hand.
    database = store.database.db.withTables<AuthTables>();
    browser = kit.openBrowser();
    await browser.register('ada');
  });
  afterEach(async () => {
    await kit.stop();
    await store.remove();
  });

  /** A whole round in steps of so many rows; how many went. */
  const round = async (purge: Purge, limit = 500): Promise<number> => {
    let purged = 0;
    let after: string | undefined = '';
    while (after !== undefined) {
      const step = await purge({ after, limit, now: kit.clock.now() });
      expect(step.purged).toBeLessThanOrEqual(limit);
      purged += step.purged;
      after = step.next;
    }
    return purged;
  };
  const purgeAllSessions = (ttlMs = ACCESS_TOKEN_TTL * SECOND, limit?: number) =>
    round(purgeSessions(database, ttlMs), limit);

  test('a session that was ended can say why for thirty days, and then is gone', async () => {
    await browser.call().sessions.revokeOthers();
    const [session] = await browser.call().sessions.list();
    await browser.call().sessions.revoke({ id: session?.id ?? '' });
    kit.clock.advance(30 * DAY - 1);
    expect(await purgeAllSessions()).toBe(0);
    kit.clock.advance(1);
    expect(await purgeAllSessions()).toBe(1);
    expect(await refusal(browser.refresh())).toBe('refresh_token_invalid');
  });

  test('a session that nobody used any more is gone thirty days after its end', async () => {
    kit.clock.advance(37 * DAY - 1);
    expect(await purgeAllSessions()).toBe(0);
    expect(await refusal(browser.refresh())).toBe('session_expired');
    kit.clock.advance(1);
    expect(await purgeAllSessions()).toBe(1);
  });

  test('a session in use stays, to its absolute end and thirty days beyond', async () => {
    for (let day = 0; day < 90; day += 6) {
      await browser.refresh();
      expect(await purgeAllSessions()).toBe(0);
      kit.clock.advance(6 * DAY);
    }
    kit.clock.advance(30 * DAY - 1);
    expect(await purgeAllSessions()).toBe(0);
    kit.clock.advance(1);
    expect(await purgeAllSessions()).toBe(1);
  });

  test('a revoked session stays as long as an access token of it may be about, however long that is', async () => {
    await browser.call().auth.logout();
    const ttlMs = 60 * DAY;
    kit.clock.advance(60 * DAY);
    expect(await purgeAllSessions(ttlMs)).toBe(0);
    kit.clock.advance(60 * SECOND);
    expect(await purgeAllSessions(ttlMs)).toBe(1);
  });

  test('goes through all sessions in steps of a few, by several processes at once', async () => {
    for (let count = 0; count < 24; count += 1) {
      await browser.login('ada');
      kit.clock.advance(DAY);
    }
    kit.clock.advance(30 * DAY);
    const before = kit.clock.now();
    await browser.login('ada');
    const rounds = await Promise.all([
      purgeAllSessions(900_000, 2),
      purgeAllSessions(900_000, 3),
      purgeAllSessions(900_000, 1),
    ]);
    expect(rounds.reduce((sum, purged) => sum + purged, 0)).toBe(24);
    const left = await database.selectFrom('auth_sessions').select(['created_at', 'revoked_at']).execute();
    // The last but one was replaced just now, and is kept for its cause.
    expect(left).toHaveLength(2);
    expect(left).toContainEqual({ created_at: before, revoked_at: null });
  });

  test('attempts are removed once they are forgotten, each after the time of its limit', async () => {
    await database.deleteFrom('auth_limits').execute();
    const stale = kit.openBrowser();
    expect(await refusal(stale.call().auth.login({ username: 'ada', password: 'wrong' }))).toBe('invalid_credentials');
    const names = async () =>
      (await database.selectFrom('auth_limits').select('name').execute())
        .map(({ name }) => name.split(':')[0])
        .toSorted();
    expect(await names()).toEqual(['account', 'address', 'pair']);
    const purge = purgeLimits(database, PASSWORD_LIMITS);
    kit.clock.advance(DAY - 1);
    expect(await round(purge, 1)).toBe(0);
    kit.clock.advance(1);
    expect(await round(purge, 1)).toBe(2);
    expect(await names()).toEqual(['account']);
    kit.clock.advance(29 * DAY);
    expect(await round(purge)).toBe(1);
  });

  test('runs by itself from the start of the stack to its end, and counts what it removed', async () => {
    await browser.call().auth.logout();
    kit.clock.advance(40 * DAY);
    kit.services.purging.start();
    await vi.waitFor(() => {
      kit.clock.advance(HOUR);
      expect(kit.services.purging.counts().get('sessions')).toBe(1);
    });
    await kit.services.purging.stop();
    expect(await database.selectFrom('auth_sessions').select('sid').execute()).toEqual([]);
  });
});

describe('the round', () => {
  /** Three steps of a row each; a step ends when it is told to. */
  const setUp = (random = 0.5) => {
    const clock = createTestClock(0);
    const steps: string[] = [];
    const errors: unknown[] = [];
    let finish = (_error?: Error): void => {};
    const purge: Purge = ({ after }) =>
      new Promise((resolve, reject) => {
        steps.push(`${after || 'first'} at ${clock.now() / SECOND}`);
        const next = { '': 'second', second: 'third' }[after];
        finish = (error) => (error === undefined ? resolve({ purged: 1, next }) : reject(error));
      });
    const purging = createPurging({
      purges: { rows: purge },
      clock,
      random: () => random,
      onError: (error) => errors.push(error),
    });
    const advance = async (milliseconds: number) => {
      clock.advance(milliseconds);
      await settle();
    };
    const step = async (error?: Error) => {
      finish(error);
      await settle();
    };
    return { purging, steps, errors, advance, step };
  };

  test('begins some time after the start, takes a step a second, and rests for an hour', async () => {
    const { purging, steps, advance, step } = setUp();
    purging.start();
    purging.start();
    await advance(HOUR / 2 - 1);
    expect(steps).toEqual([]);
    await advance(1);
    await advance(DAY);
    expect(steps).toEqual(['first at 1800']); // It is not over: there is no second beside it.
    await step();
    await advance(SECOND);
    await step();
    await advance(SECOND);
    await step();
    const [, second, third, again] = steps;
    expect([second, third, again]).toEqual(['second at 88201', 'third at 88202', undefined]);
    await advance(HOUR - 1);
    expect(steps).toHaveLength(3);
    await advance(1);
    expect(steps).toHaveLength(4);
    expect(purging.counts().get('rows')).toBe(3);
    void purging.stop();
    await step();
    await advance(DAY);
    expect(steps).toHaveLength(4);
  });

  test('tells of a step that failed, and tries again with the next round', async () => {
    const { purging, steps, errors, advance, step } = setUp(0);
    purging.start();
    await advance(0);
    const away = new Error('The store is away.');
    await step(away);
    expect(errors).toEqual([away]);
    await advance(HOUR / 2);
    expect(steps).toEqual(['first at 0', 'first at 1800']);
    void purging.stop();
    await step();
  });

  test('its end waits for the step that runs, and for nothing else', async () => {
    const { purging, advance, step } = setUp();
    await purging.stop();
    purging.start();
    await purging.stop();
    purging.start();
    await advance(HOUR);
    let isStopped = false;
    const stopped = purging.stop().then(() => {
      isStopped = true;
    });
    await settle();
    expect(isStopped).toBe(false);
    await step();
    await stopped;
  });
});
