import { sql } from 'kysely';
import pg from 'pg';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createStore } from '#server/database/index.ts';
import { createTestAuth, createTestKeys, elsewhere, type TestAuth } from '#testing/auth.ts';
import { createTestClock } from '#testing/clock.ts';
import { eachStore } from '#testing/each-store.ts';
import { REVOCATION_CHANNEL } from '#testing/postgres-feed.ts';
import { reasonOf } from '../refusal.ts';
import { createPostgresListener, type ListeningClient } from '../store/postgres/listener.ts';
import type { RevocationFeed } from '../store/revocation-feed.ts';
import type { AuthTables } from '../store/tables.ts';

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

const storeOf = async (dialect: 'sqlite' | 'postgres') => {
  const store = await eachStore.find((each) => each.dialect === dialect)?.open();
  if (store === undefined) throw new Error(`There is no ${dialect}.`);
  cleanUps.push(() => store.remove());
  return store;
};

const startOn = async (...args: Parameters<typeof createTestAuth>): Promise<TestAuth> => {
  const kit = await createTestAuth(...args);
  cleanUps.push(() => kit.stop());
  return kit;
};

/** Hears of nothing, and says so. */
const deafFeed: RevocationFeed = {
  start: async () => {},
  isLive: () => false,
  lag: () => Number.POSITIVE_INFINITY,
  announce: () => Promise.resolve(),
  stop: async () => {},
};

const refusal = (call: Promise<unknown>) => call.then(() => 'let through', reasonOf);

describe('on Postgres', () => {
  /** Two processes on one database. */
  const startTwo = async () => {
    const store = await storeOf('postgres');
    const shared = createTestKeys();
    const first = await startOn(store, shared);
    const database = createStore(store.location);
    cleanUps.push(() => database.close());
    const second = await startOn({ database }, shared);
    return { first, second, store };
  };

  test('what one process revokes the other refuses, without a read', async () => {
    const { first, second } = await startTwo();
    const browser = first.openBrowser();
    await browser.register('ada');
    const there = elsewhere(second, browser);
    await there.call().auth.claims();
    expect([first.auth.isReady(), second.auth.isReady()]).toEqual([true, true]);
    await browser.call().auth.logout();
    await vi.waitFor(async () => expect(await refusal(there.call().auth.claims())).toBe('session_revoked'));
  });

  test('whatever raises `ver` or revokes by SQL alone is heard', async () => {
    const { first, second, store } = await startTwo();
    const browser = first.openBrowser();
    await browser.register('ada');
    const other = second.openBrowser();
    await other.login('ada');
    const client = new pg.Client({ connectionString: store.location.databaseUrl });
    await client.connect();
    await client.query('update auth_users set ver = ver + 1, ver_raised_at = $1', [first.clock.now()]);
    await vi.waitFor(async () => expect(await refusal(browser.call().auth.claims())).toBe('access_token_stale'));
    await browser.refresh();
    await browser.call().auth.claims();
    await client.query(`update auth_sessions set revoked_at = $1, revoked_cause = 'ended_by_admin'`, [
      first.clock.now(),
    ]);
    await vi.waitFor(async () => expect(await refusal(browser.call().auth.claims())).toBe('session_revoked'));
    await client.end();
  });

  test('what we end is announced once and after its commit, and what others write by the triggers', async () => {
    const store = await storeOf('postgres');
    const statements: string[] = [];
    const onStatement = ({ sql: text }: { sql: string }) => statements.push(text);
    const database = createStore({ ...store.location, onStatement, lookIntervalMs: 3_600_000 });
    cleanUps.push(() => database.close());
    const kit = await startOn({ database });
    const heard: string[] = [];
    const client = new pg.Client({ connectionString: store.location.databaseUrl });
    cleanUps.push(() => client.end());
    await client.connect();
    client.on('notification', ({ payload = '' }) => heard.push(payload));
    await client.query(`listen "${REVOCATION_CHANNEL}"`);

    const browser = kit.openBrowser();
    await browser.register('ada');
    await browser.call().auth.logout();
    const notified = statements.findIndex((text) => text.includes('synchronous_commit'));
    const ended = statements.findLastIndex((text) => text.startsWith('update "auth_sessions"'));
    expect(statements.slice(ended + 1, notified)).toEqual([expect.stringContaining('"auth_events"'), 'commit']);
    await vi.waitFor(() => expect(heard).toHaveLength(1));
    expect(heard[0]).toContain('"cause":"logout"');

    // On the same connections, but not by us.
    await browser.login('ada');
    await database.db.withTables<AuthTables>().updateTable('auth_users').set({ roles: 'user,admin' }).execute();
    await vi.waitFor(() => expect(heard).toHaveLength(2));
    expect(heard[1]).toContain('"kind" : "user"');
  });

  test('as many notices as end at once reach another process, in few payloads of fewer bytes than Postgres takes', async () => {
    const store = await storeOf('postgres');
    const [first, second] = [await startOn(store), await startOn(store)];
    const heard: string[] = [];
    const client = new pg.Client({ connectionString: store.location.databaseUrl });
    cleanUps.push(() => client.end());
    await client.connect();
    client.on('notification', ({ payload = '' }) => heard.push(payload));
    await client.query(`listen "${REVOCATION_CHANNEL}"`);

    // The longest ids that an app may bring, of what JSON writes as two characters.
    const ids = Array.from({ length: 105 }, (_, index) => `${index}`.padStart(128, '"'));
    for (const some of [ids.slice(0, 1), ids.slice(1, 5), ids.slice(5)]) {
      await first.services.revocations.announce(some.map((userId) => ({ kind: 'user', userId, ver: 2 ** 31 - 1 })));
    }
    const stale = (id: string) => second.services.revocations.statusOf({ sid: 'any', id, ver: 0, sver: 0 });
    await vi.waitFor(() => expect(ids.map(stale)).toEqual(ids.map(() => ({ kind: 'stale' }))));
    // Another connection, which may hear of them later; all that there is to hear is in the seven.
    await vi.waitFor(() => expect(heard).toHaveLength(7));
    expect(heard.join('').split('"kind"')).toHaveLength(1 + ids.length);
    expect(Math.max(...heard.map((payload) => Buffer.byteLength(payload)))).toBeLessThan(8000);
  });

  test('a process that starts later knows what was revoked before', async () => {
    const store = await storeOf('postgres');
    const shared = createTestKeys();
    const first = await startOn(store, shared);
    const browser = first.openBrowser();
    await browser.register('ada');
    const token = browser.accessToken;
    await browser.call().auth.logout();
    const second = await startOn(store, shared);
    const late = second.openBrowser();
    late.accessToken = token;
    expect(await refusal(late.call().auth.claims())).toBe('session_revoked');
  });

  test('a listening connection that is cut is not live, and comes back by itself', async () => {
    const store = await storeOf('postgres');
    const clients: pg.Client[] = [];
    const db = store.database.db.withTables<never>();
    const listener = createPostgresListener({
      database: db,
      beatIntervalMs: 20,
      connect: () => {
        const client = new pg.Client({ connectionString: store.location.databaseUrl });
        clients.push(client);
        return client;
      },
    });
    let catchUps = 0;
    listener.listen('news', {
      catchUp: async () => {
        catchUps += 1;
      },
      notice: () => {},
    });
    await listener.start();
    cleanUps.push(() => listener.stop());
    expect(listener.isLive()).toBe(true);
    await clients[0]?.end();
    await vi.waitFor(() => expect(catchUps).toBe(2));
    await vi.waitFor(() => expect(listener.isLive()).toBe(true));
    expect(clients).toHaveLength(2);
  });

  test('a connection that delivers nothing, as behind a transaction pooler, is not live, however well it answers', async () => {
    const store = await storeOf('postgres');
    let time = 0;
    let connections = 0;
    const silent = (): ListeningClient => {
      connections += 1;
      const connection = { stream: { destroy: () => {} } };
      return { connect: async () => {}, query: async () => {}, end: async () => {}, on: () => {}, connection };
    };
    const listener = createPostgresListener({
      database: store.database.db.withTables<never>(),
      connect: silent,
      beatIntervalMs: 1,
      monotonic: () => (time += 100),
    });
    await listener.start();
    cleanUps.push(() => listener.stop());
    expect(listener.isLive()).toBe(false);
    await vi.waitFor(() => expect(connections).toBeGreaterThan(2));
    expect(listener.isLive()).toBe(false);
  });

  test('a connection that fell silent is not live once its last beat is five seconds old', async () => {
    const store = await storeOf('postgres');
    let time = 0;
    const listener = createPostgresListener({
      database: store.database.db.withTables<never>(),
      // A new one each time: a client that did not get through connects no second time.
      connect: () => new pg.Client({ connectionString: store.location.databaseUrl }),
      beatIntervalMs: 60_000,
      monotonic: () => time,
    });
    await listener.start();
    cleanUps.push(() => listener.stop());
    time = 4999;
    expect(listener.isLive()).toBe(true);
    time = 5000;
    expect(listener.isLive()).toBe(false);
  });
});

test('while the feed is not live the database is asked on each protected call', async () => {
  const store = await storeOf('sqlite');
  const shared = createTestKeys();
  const first = await startOn(store, { ...shared, feed: deafFeed });
  const second = await startOn(store, { ...shared, feed: deafFeed });
  expect(second.auth.isReady()).toBe(false);
  const browser = first.openBrowser();
  await browser.register('ada');
  const there = elsewhere(second, browser);
  await there.call().auth.claims();
  await browser.call().auth.logout();
  expect(await refusal(there.call().auth.claims())).toBe('session_revoked');
});

describe.each(eachStore)('clocks that are wrong, on $dialect', ({ dialect }) => {
  const LIFETIME = 15 * 60_000;
  const HOUR = 60 * 60_000;

  const startOne = async (options: Parameters<typeof createTestAuth>[1] = {}) => {
    const store = await storeOf(dialect);
    const jumps: number[] = [];
    const keys = createTestKeys();
    const kit = await startOn(store, { ...keys, onClockJump: (by) => jumps.push(by), ...options });
    return { store, kit, jumps, keys };
  };

  /** Somebody whose token is good by the clock as it is now, and who has signed out. */
  const signOut = async (kit: TestAuth) => {
    const browser = kit.openBrowser();
    await browser.register(`ada_${kit.events.length}`);
    await browser.call().auth.logout();
    return () => refusal(browser.call().auth.claims());
  };

  test('what was revoked stays so while the clock is ahead and comes back', async () => {
    const { kit, jumps } = await startOne();
    const gone = await signOut(kit);
    kit.clock.turn(HOUR);
    await signOut(kit);
    kit.clock.advance(60_000);
    await signOut(kit);
    kit.clock.turn(-HOUR);
    expect(await gone()).toBe('session_revoked');
    expect(jumps).toEqual([HOUR, -HOUR]);
    await vi.waitFor(() => expect(kit.auth.isReady()).toBe(true));
    expect(await gone()).toBe('session_revoked');
  });

  test('what was revoked stays so for as long as its token counts, also when the clock is set back', async () => {
    const { kit } = await startOne();
    const gone = await signOut(kit);
    kit.clock.turn(-HOUR);
    for (let passed = 0; passed < HOUR + LIFETIME; passed += 5 * 60_000) {
      // Whatever is noticed makes room.
      await signOut(kit);
      expect(await gone()).toBe(passed < HOUR - 60_000 ? 'access_token_invalid' : 'session_revoked');
      kit.clock.advance(5 * 60_000);
    }
    expect(await gone()).toBe('access_token_expired');
  });

  test('a process that started while its clock was ahead learns what it has missed, and asks until then', async () => {
    const { store, kit, keys } = await startOne();
    const browser = kit.openBrowser();
    await browser.register('ada');
    await browser.call().auth.logout();
    const clock = createTestClock();
    clock.turn(HOUR);
    const late = await startOn(store, { ...keys, clock });
    clock.turn(-HOUR);
    late.services.clock.now();
    expect(late.auth.isReady()).toBe(false);
    const gone = () => refusal(elsewhere(late, browser).call().auth.claims());
    expect(await gone()).toBe('session_revoked');
    await vi.waitFor(() => expect(late.auth.isReady()).toBe(true));
    expect(await gone()).toBe('session_revoked');
  });

  test('while the store cannot be asked either, a clock that was set back opens nothing, and all is well once it can', async () => {
    const { kit, store } = await startOne();
    const browser = kit.openBrowser();
    await browser.register('ada');
    await sql`alter table auth_removals rename to away`.execute(store.database.db);
    kit.clock.turn(-30_000);
    await browser.call().auth.claims();
    expect(kit.auth.isReady()).toBe(false);
    kit.clock.advance(5000);
    await vi.waitFor(() => expect(kit.auth.isReady()).toBe(false));
    await sql`alter table away rename to auth_removals`.execute(store.database.db);
    await vi.waitFor(() => {
      kit.clock.advance(1000);
      expect(kit.auth.isReady()).toBe(true);
    });
  });

  test('what ends by a clock that is behind is known to a process that starts afterwards', async () => {
    const { store, kit, keys } = await startOne();
    const clock = createTestClock();
    clock.turn(-HOUR);
    const behind = await startOn(store, { ...keys, clock });
    const browser = kit.openBrowser();
    await browser.register('ada');
    const other = kit.openBrowser();
    await other.register('grace');
    const { id } = await other.call().user.me();
    const there = behind.openBrowser();
    there.cookies = browser.cookies;
    await there.call().auth.logout();
    await behind.services.accountChanges.grantRole({ id: 'test', address: null, userAgent: null }, id, 'admin');
    const late = await startOn(store, keys);
    expect(await refusal(elsewhere(late, browser).call().auth.claims())).toBe('session_revoked');
    expect(await refusal(elsewhere(late, other).call().auth.claims())).toBe('access_token_stale');
  });
});

describe.each(eachStore)('what is written by hand is heard, on $dialect:', ({ dialect }) => {
  const STALE = 'access_token_stale';
  const cases = [
    ['a session that ended without a cause', `update auth_sessions set revoked_at = 1790000000000`, 'session_revoked'],
    ['one that ended in seconds', `update auth_sessions set revoked_at = 1790000000`, 'session_revoked'],
    [
      'one with a cause of its own',
      `update auth_sessions set revoked_at = 1790000000000, revoked_cause = 'because'`,
      'session_revoked',
    ],
    ['one with a cause and no time', `update auth_sessions set revoked_cause = 'logout'`, 'session_revoked'],
    ['one that was deleted', `delete from auth_sessions`, 'session_revoked'],
    ['an account that was disabled', `update auth_users set disabled_at = 1790000000000`, STALE],
    ['other roles', `update auth_users set roles = 'user,admin'`, STALE],
    ['a higher version', `update auth_users set ver = ver + 1`, STALE],
    ['an account that was deleted', `delete from auth_users`, STALE],
  ] as const;

  test.each(cases)('%s', async (_what, statement, reason) => {
    const store = await storeOf(dialect);
    const keys = createTestKeys();
    const now = Date.now();
    const kit = await startOn(store, { ...keys, clock: createTestClock(now) });
    const browser = kit.openBrowser();
    await browser.register('ada');
    const shell = createStore(store.location);
    cleanUps.push(() => shell.close());
    await sql.raw(statement).execute(shell.db);

    const claims = (process: TestAuth) => refusal(elsewhere(process, browser).call().auth.claims());
    // The row of a session goes with its user's, and either may be heard first.
    const heard = statement === 'delete from auth_users' ? /session_revoked|access_token_stale/ : reason;
    await vi.waitFor(async () => expect(await claims(kit)).toMatch(heard));
    const late = await startOn(store, { ...keys, clock: createTestClock(now) });
    expect(await claims(late)).toMatch(heard);
    const deaf = await startOn(store, { ...keys, clock: createTestClock(now), feed: deafFeed });
    expect(await claims(deaf)).toMatch(/session_revoked|access_token_stale/);
    // Who is only stale is told the rest by the refresh.
    const refreshed = await refusal(browser.refresh());
    if (statement.includes('roles') || statement.includes('ver =')) expect(refreshed).toBe('let through');
    else expect(refreshed).toMatch(/session_revoked|refresh_token_invalid/);
  });

  test('nothing is remembered of what was over when it was deleted', async () => {
    const store = await storeOf(dialect);
    // Long ago, by the clock of the store.
    const kit = await startOn(store, { clock: createTestClock(Date.UTC(2020, 0)) });
    await kit.openBrowser().register('ada');
    await sql`delete from auth_sessions`.execute(store.database.db);
    expect((await sql`select * from auth_removals`.execute(store.database.db)).rows).toEqual([]);
  });
});

test('on SQLite a write of another process is seen', async () => {
  const store = await storeOf('sqlite');
  const kit = await startOn(store);
  const browser = kit.openBrowser();
  await browser.register('ada');
  const shell = createStore(store.location);
  cleanUps.push(() => shell.close());
  await shell.db
    .withTables<AuthTables>()
    .updateTable('auth_sessions')
    .set({ revoked_at: kit.clock.now(), revoked_cause: 'ended_by_admin' })
    .execute();
  await vi.waitFor(async () => expect(await refusal(browser.call().auth.claims())).toBe('session_revoked'));
});

test('what is revoked is forgotten when no access token of it can be left', async () => {
  const store = await storeOf('sqlite');
  const kit = await startOn(store);
  const principal = { id: 'u', sid: 's', roles: [], authTime: 0, ver: 1, sver: 0 };
  await kit.services.revocations.announce([{ kind: 'session', sid: 's', cause: 'logout' }]);
  expect(kit.services.revocations.statusOf(principal)).toEqual({ kind: 'revoked', cause: 'logout' });
  kit.clock.advance(900_000 + 60_000);
  await kit.services.revocations.announce([{ kind: 'user', userId: 'u', ver: 2 }]);
  expect(kit.services.revocations.statusOf(principal)).toEqual({ kind: 'stale' });
});
