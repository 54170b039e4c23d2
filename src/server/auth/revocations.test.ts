import pg from 'pg';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { openDatabase } from '#server/database/index.ts';
import { createTestAuth, createTestKeys, elsewhere, type TestAuth } from '#testing/auth.ts';
import { eachStore } from '#testing/each-store.ts';
import { createPostgresListener, type ListeningClient } from './postgres-listener.ts';
import { reasonOf } from './refusal.ts';
import type { RevocationFeed } from './revocation-feed.ts';
import type { AuthTables } from './tables.ts';

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

const refusal = (call: Promise<unknown>) => call.then(() => 'let through', reasonOf);

describe('on Postgres', () => {
  /** Two processes on one database. */
  const startTwo = async () => {
    const store = await storeOf('postgres');
    const shared = createTestKeys();
    const first = await startOn(store, shared);
    const database = await openDatabase(store.location);
    cleanUps.push(() => database.close());
    const second = await startOn({ database, location: store.location }, shared);
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
      beatInterval: 20,
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
      beatInterval: 1,
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
    const client = new pg.Client({ connectionString: store.location.databaseUrl });
    const listener = createPostgresListener({
      database: store.database.db.withTables<never>(),
      connect: () => client,
      beatInterval: 60_000,
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
  const deadFeed: RevocationFeed = {
    start: async () => {},
    isLive: () => false,
    lag: () => Number.POSITIVE_INFINITY,
    stop: async () => {},
  };
  const shared = createTestKeys();
  const first = await startOn(store, { ...shared, feed: deadFeed });
  const second = await startOn(store, { ...shared, feed: deadFeed });
  expect(second.auth.isReady()).toBe(false);
  const browser = first.openBrowser();
  await browser.register('ada');
  const there = elsewhere(second, browser);
  await there.call().auth.claims();
  await browser.call().auth.logout();
  expect(await refusal(there.call().auth.claims())).toBe('session_revoked');
});

test('on SQLite a write of another process is seen', async () => {
  const store = await storeOf('sqlite');
  const kit = await startOn(store);
  const browser = kit.openBrowser();
  await browser.register('ada');
  const shell = await openDatabase(store.location);
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
  const principal = { id: 'u', sid: 's', roles: [], authTime: 0, ver: 1 };
  kit.services.revocations.notice({ kind: 'session', sid: 's', cause: 'logout' });
  expect(kit.services.revocations.standingOf(principal)).toEqual({ kind: 'revoked', cause: 'logout' });
  kit.clock.advance(900_000 + 60_000);
  kit.services.revocations.notice({ kind: 'user', userId: 'u', ver: 2 });
  expect(kit.services.revocations.standingOf(principal)).toEqual({ kind: 'stale' });
});
