import { postgres } from 'latchkey/postgres';
import { reasonOf } from 'latchkey/server';
import pg from 'pg';
import { afterEach, expect, test, vi } from 'vitest';
import { type AppServer, startAppServer } from '#testing/app-server.ts';
import { createTestAuth, createTestKeys, elsewhere, TEST_PASSWORD, type TestAuth } from '#testing/auth.ts';
import { type PostgresServer, startPostgres } from '#testing/postgres.ts';
import { createFeedOf, createListeningClient } from '#testing/postgres-feed.ts';
import { startTcpProxy, type TcpProxy } from '#testing/tcp-proxy.ts';
import { type Browser, createBrowser } from './browser.ts';

const LONG = 180_000;
const UNAVAILABLE = { status: 503, reason: 'unavailable', setCookies: [] };

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

const run = async (server: PostgresServer, statement: string, values: unknown[] = []): Promise<unknown[]> => {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement, values)).rows;
  } finally {
    await client.end();
  }
};

/** A primary and its streaming standby, with a name that points to the primary. */
const startPair = async (): Promise<{ primary: PostgresServer; standby: PostgresServer; name: TcpProxy }> => {
  const primary = await startPostgres();
  cleanUps.push(primary.stop);
  const standby = await primary.startStandby();
  cleanUps.push(standby.stop);
  const name = await startTcpProxy(primary.url);
  cleanUps.push(name.shut);
  return { primary, standby, name };
};

const startServer = async (name: TcpProxy): Promise<AppServer> => {
  const server = await startAppServer({
    DATABASE_URL: name.url,
    DATABASE_POOL_SIZE: '5',
    PUBLIC_URL: 'http://localhost',
    RATE_LIMIT: 'off',
  });
  cleanUps.push(() => server.stop());
  return server;
};

const register = async (server: AppServer, username: string): Promise<Browser> => {
  const browser = createBrowser(() => server.url);
  const input = { username, email: `${username}@mail.example`, password: 'correct horse battery staple' };
  expect(await browser.call('auth.register', { input })).toMatchObject({ status: 200 });
  return browser;
};

const readiness = async (server: AppServer): Promise<number> => (await fetch(`${server.url}/readyz`)).status;

const becomes = (status: number, server: AppServer): Promise<void> =>
  vi.waitFor(async () => expect(await readiness(server)).toBe(status), { timeout: 60_000, interval: 100 });

const create = (browser: Browser, text: string) => browser.call('notes.create', { input: { text } });

const isCaughtUp = (standby: PostgresServer, username: string): Promise<void> =>
  vi.waitFor(
    async () => {
      const sql = 'select 1 as there from auth_users where username = $1';
      expect(await run(standby, sql, [username])).toHaveLength(1);
    },
    { timeout: 30_000 },
  );

test(
  'the primary becomes a standby: nothing is asked of it, readyz says so, and service returns once the name points to the new primary',
  async () => {
    const { primary, standby, name } = await startPair();
    const server = await startServer(name);
    const browser = await register(server, 'ada');
    const before = new Map(browser.cookies);

    // Its last act is to send all that it has: a switchover loses nothing.
    await primary.halt('fast');
    await run(standby, 'select pg_promote()');
    await primary.restartAsStandbyOf(standby);
    // The name still points to it. Reading from it, or believing it, would find what the new one has moved on from.
    await becomes(503, server);
    for (let call = 0; call < 10; call += 1) {
      expect(await create(browser, 'to the standby')).toMatchObject(UNAVAILABLE);
      expect(await browser.call('notes.list', { method: 'GET' })).toMatchObject(UNAVAILABLE);
      expect(await browser.call('auth.refresh')).toMatchObject(UNAVAILABLE);
    }
    expect(await browser.call('auth.login', { input: { username: 'ada', password: 'wrong password' } })).toMatchObject(
      UNAVAILABLE,
    );
    expect(browser.cookies).toEqual(before);

    name.pointTo(standby.url);
    await becomes(200, server);
    expect(await create(browser, 'to the new primary')).toMatchObject({ status: 200 });
    expect(await browser.call('auth.refresh')).toMatchObject({ status: 200 });
    expect(await run(standby, 'select text from notes')).toEqual([{ text: 'to the new primary' }]);
    expect(server.log.text()).not.toContain('INTERNAL_SERVER_ERROR');
    expect(server.log.text()).not.toContain('session.ended');
  },
  LONG,
);

test(
  'the name points to a standby that is promoted later: service returns without a new connection being forced',
  async () => {
    const { primary, standby, name } = await startPair();
    const server = await startServer(name);
    const browser = await register(server, 'ada');
    await isCaughtUp(standby, 'ada');
    await primary.halt('immediate');
    name.pointTo(standby.url);
    await becomes(503, server);
    expect(await create(browser, 'too early')).toMatchObject(UNAVAILABLE);

    await run(standby, 'select pg_promote()');
    await becomes(200, server);
    expect(await create(browser, 'in time')).toMatchObject({ status: 200 });
  },
  LONG,
);

/** One of several processes, whose connections are believed for a second. */
const startProcess = async (url: string, keys: ReturnType<typeof createTestKeys>): Promise<TestAuth> => {
  const database = postgres({ url, schema: 'public', pool: 5, connectionLifeSeconds: 1 });
  cleanUps.push(() => database.close());
  const feed = createFeedOf(database, { connect: () => createListeningClient(url), beatIntervalMs: 100 });
  const kit = await createTestAuth({ database }, { ...keys, feed });
  cleanUps.push(() => kit.stop());
  return kit;
};

test(
  'the old primary lives on: a process connected to it moves with the name, and hears what ends on the new one',
  async () => {
    const { primary, standby, name } = await startPair();
    const keys = createTestKeys();
    const kit = await startProcess(name.url, keys);
    const [owner, leaver] = [kit.openBrowser(), kit.openBrowser()];
    await owner.register('ada');
    await leaver.register('grace');
    await isCaughtUp(standby, 'grace');

    // Nobody tells the old one: it answers, and takes whatever it is given.
    await run(standby, 'select pg_promote()');
    const there = await startProcess(standby.url, keys);
    name.pointTo(standby.url);
    const elsewhereLeaver = elsewhere(there, leaver);
    elsewhereLeaver.cookies = leaver.cookies;
    await elsewhereLeaver.call().auth.logout();

    const refusal = () =>
      leaver
        .call()
        .auth.claims()
        .then(() => 'let through', reasonOf);
    await vi.waitFor(async () => expect(await refusal()).toBe('session_revoked'), { timeout: 30_000 });
    await vi.waitFor(() => expect(kit.auth.isReady()).toBe(true), { timeout: 30_000 });
    await owner.call().auth.login({ username: 'ada', password: TEST_PASSWORD });
    expect(await run(standby, 'select 1 from auth_sessions')).toHaveLength(3);
    expect(await run(primary, 'select 1 from auth_sessions')).toHaveLength(2);
  },
  LONG,
);
