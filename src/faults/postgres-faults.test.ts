import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type AppServer, startAppServer } from '#testing/app-server.ts';
import { isHeavy } from '#testing/heavy.ts';
import { type PostgresServer, startPostgres } from '#testing/postgres.ts';
import { startTcpProxy, type TcpProxy } from '#testing/tcp-proxy.ts';
import { type Browser, createBrowser, type Outcome } from './browser.ts';
import { createPerson } from './person.ts';

/** The server's own bounds: 5 seconds for a connection, 10 for a statement, 12 for its answer. */
const LONG = 180_000;
const MAX_CONNECTIONS = 20;
const PASSWORD = 'correct horse battery staple';
/** How it is restarted under load: twice as often with HEAVY. */
const RESTARTS = ['fast', 'immediate'] as const;

let postgres: PostgresServer;
let proxy: TcpProxy;
let count = 0;
const cleanUps: (() => unknown)[] = [];

beforeAll(async () => {
  postgres = await startPostgres({ fsync: true, maxConnections: MAX_CONNECTIONS });
  proxy = await startTcpProxy(postgres.url);
}, LONG);
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});
afterAll(async () => {
  await proxy.shut();
  await postgres.stop();
});

const connect = async (): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: postgres.url });
  client.on('error', () => undefined);
  await client.connect();
  return client;
};

/** As somebody does who has nothing but a connection of their own. */
const endSessionsOf = async (username: string): Promise<void> => {
  const client = await connect();
  await client.query(
    `update auth_sessions set revoked_at = $1, revoked_cause = 'ended_by_admin'
      where user_id = (select id from auth_users where username = $2)`,
    [Date.now(), username],
  );
  await client.end();
};

const startServer = async (poolSize: number): Promise<AppServer> => {
  const server = await startAppServer({
    DATABASE_URL: proxy.url,
    DATABASE_POOL_SIZE: String(poolSize),
    PUBLIC_URL: 'http://localhost',
    RATE_LIMIT: 'off',
  });
  cleanUps.push(() => server.stop());
  return server;
};

const statusOf = async (server: AppServer, path: string): Promise<number> =>
  (await fetch(`${server.url}${path}`)).status;

const becomesReady = (server: AppServer): Promise<void> =>
  vi.waitFor(async () => expect(await statusOf(server, '/readyz')).toBe(200), { timeout: 60_000, interval: 200 });

const becomesUnready = (server: AppServer): Promise<void> =>
  vi.waitFor(async () => expect(await statusOf(server, '/readyz')).toBe(503), { timeout: 60_000, interval: 200 });

const register = async (server: AppServer): Promise<{ browser: Browser; username: string }> => {
  const browser = createBrowser(() => server.url);
  const username = `person_${(count += 1)}`;
  const input = { username, email: `${username}@mail.example`, password: PASSWORD };
  expect(await browser.call('auth.register', { input })).toMatchObject({ status: 200 });
  return { browser, username };
};

/** Every way to need the store, each from a browser that has a session. */
const calls = (who: Browser, username: string): Record<string, () => Promise<Outcome>> => ({
  register: () => {
    const name = `${username}_again`;
    const input = { username: name, email: `${name}@mail.example`, password: PASSWORD };
    return who.call('auth.register', { input });
  },
  login: () => who.call('auth.login', { input: { username, password: PASSWORD } }),
  refresh: () => who.call('auth.refresh'),
  logout: () => who.call('auth.logout'),
  me: () => who.call('user.me', { method: 'GET' }),
  revokeOthers: () => who.call('sessions.revokeOthers'),
  notes: () => who.call('notes.list', { method: 'GET' }),
  create: () => who.call('notes.create', { input: { text: 'during the fault' } }),
});

const once = (work: () => unknown): (() => Promise<void>) => {
  let result: Promise<void> | undefined;
  return () => {
    result ??= Promise.resolve(work()).then(() => {});
    return result;
  };
};

const UNAVAILABLE = { status: 503, reason: 'unavailable', setCookies: [] };

const END_CONNECTIONS = `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'latchkey%'`;

/** Takes every connection that the database has left, and the server's own. */
const exhaust = async () => {
  const hogs = [await connect()];
  const more = () => connect().then((client) => hogs.push(client));
  await vi.waitFor(
    async () => {
      await hogs[0]?.query(END_CONNECTIONS);
      for (;;) if ((await more().catch(() => undefined)) === undefined) break;
      const { rows } = await (hogs[0] ?? (await connect())).query(
        `select pid from pg_stat_activity where application_name like 'latchkey%'`,
      );
      expect(rows).toEqual([]);
    },
    { timeout: 60_000 },
  );
  return async () => {
    await Promise.all(hogs.map((hog) => hog.end()));
  };
};

/** Gives the role another password than the one that the server has. */
const changePassword = async () => {
  const admin = await connect();
  const { password } = new URL(postgres.url);
  await admin.query(`alter role postgres password 'another'`);
  await admin.query(END_CONNECTIONS);
  return async () => {
    await admin.query(`alter role postgres password '${password}'`);
    await admin.end();
  };
};

interface Fault {
  fault: string;
  /** Returns what ends it. */
  begin: () => Promise<() => unknown>;
}

const faults: readonly Fault[] = [
  { fault: 'stopped', begin: async () => (await postgres.halt('fast'), postgres.restart) },
  { fault: 'crashed', begin: async () => (await postgres.halt('immediate'), postgres.restart) },
  { fault: 'out of reach', begin: async () => (await proxy.shut(), proxy.open) },
  { fault: 'half-open', begin: async () => (proxy.freeze(), proxy.thaw) },
  { fault: 'out of connections', begin: exhaust },
  { fault: 'closed to its role', begin: changePassword },
];

const cases = [10, 1]
  .flatMap((poolSize) => faults.map((fault) => ({ ...fault, poolSize })))
  // Takes the whole of the timeouts, and is the same for each connection.
  .filter(({ fault, poolSize }) => fault !== 'half-open' || poolSize > 1);

describe.each(cases)('Postgres is $fault, with a pool of $poolSize', ({ begin, poolSize }) => {
  test(
    'every call is told so, nobody is signed out, readyz tells the truth, and service returns by itself',
    async () => {
      const server = await startServer(poolSize);
      const { browser, username } = await register(server);
      const { browser: other, username: otherName } = await register(server);
      const note = await browser.call('notes.create', { input: { text: 'before the fault' } });
      expect(note).toMatchObject({ status: 200 });
      const before = new Map(browser.cookies);

      const end = once(await begin());
      cleanUps.push(end);
      const answers = await Promise.all(
        Object.entries(calls(browser, username)).map(async ([name, call]) => [name, await call()] as const),
      );
      for (const [name, answer] of answers) expect({ name, answer }).toMatchObject({ name, answer: UNAVAILABLE });
      await becomesUnready(server);
      expect(await statusOf(server, '/healthz')).toBe(200);
      // Not before its feed has been silent for five seconds: until then what was revoked is known.
      await vi.waitFor(
        async () => expect(await browser.call('auth.claims', { method: 'GET' })).toMatchObject(UNAVAILABLE),
        { timeout: 60_000 },
      );
      expect(browser.cookies).toEqual(before);

      await end();
      await endSessionsOf(otherName);
      // Whether its feed is back by then or not. Were it forgotten, it would be for the life of the token.
      await vi.waitFor(
        async () =>
          expect(await other.call('auth.claims', { method: 'GET' })).toMatchObject({ reason: 'session_revoked' }),
        { timeout: 60_000 },
      );
      await becomesReady(server);
      expect(await other.call('auth.claims', { method: 'GET' })).toMatchObject({ reason: 'session_revoked' });
      expect(await browser.call('auth.claims', { method: 'GET' })).toMatchObject({ status: 200 });
      expect(await browser.call('auth.refresh')).toMatchObject({ status: 200 });
      expect(JSON.stringify(await browser.call('notes.list', { method: 'GET' }))).toContain('before the fault');
      expect(server.log.text()).not.toContain('session.ended');
      expect(server.log.text()).not.toContain('INTERNAL_SERVER_ERROR');
      expect(await calls(browser, username).register?.()).toMatchObject({ status: 200 });
    },
    LONG,
  );
});

test(
  'Postgres is restarted under load: whatever was acknowledged is there, and no session is lost',
  async () => {
    const server = await startServer(5);
    const people = Array.from({ length: 8 }, (_, index) => createPerson(`loaded_${index}`, () => server.url));
    let isOver = false;
    const work = Promise.all(people.map((person) => person.work(() => isOver)));
    for (const how of isHeavy ? [...RESTARTS, ...RESTARTS] : RESTARTS) {
      // The load is real: so is its time. What is asserted does not depend on it.
      await delay(1000);
      await postgres.halt(how);
      await postgres.restart();
      await becomesReady(server);
    }
    isOver = true;
    await work;
    expect((await Promise.all(people.map((person) => person.findLosses()))).flat()).toEqual([]);
    expect(people.flatMap(({ acknowledged }) => acknowledged.notes).length).toBeGreaterThan(0);
  },
  LONG,
);

test(
  'Postgres answers slowly: everything works, and the server is ready',
  async () => {
    const server = await startServer(10);
    const { browser, username } = await register(server);
    proxy.slowDown(200);
    cleanUps.push(() => proxy.slowDown(0));
    const { refresh, me, create, notes, login } = calls(browser, username);
    for (const call of [refresh, me, create, notes, login]) expect(await call?.()).toMatchObject({ status: 200 });
    await becomesReady(server);
  },
  LONG,
);

test.each([10, 1])(
  'another transaction holds a lock, with a pool of %i: who needs the row is told so in time, and others are served',
  async (poolSize) => {
    const server = await startServer(poolSize);
    const { browser } = await register(server);
    const before = new Map(browser.cookies);
    const locker = await connect();
    cleanUps.push(() => locker.end());
    await locker.query('begin; lock table auth_sessions in access exclusive mode');

    const waiting = [browser.call('auth.refresh'), browser.call('auth.logout')];
    // The gate needs no connection while the feed is live, which a pool that is used up does not keep it.
    if (poolSize > 1) {
      expect(await browser.call('auth.claims', { method: 'GET' })).toMatchObject({ status: 200 });
      expect(await browser.call('notes.list', { method: 'GET' })).toMatchObject({ status: 200 });
      expect(await statusOf(server, '/readyz')).toBe(200);
    }
    for (const answer of await Promise.all(waiting)) expect(answer).toMatchObject(UNAVAILABLE);
    expect(await statusOf(server, '/healthz')).toBe(200);

    await locker.query('rollback');
    await becomesReady(server);
    expect(browser.cookies).toEqual(before);
    expect(await browser.call('auth.refresh')).toMatchObject({ status: 200 });
  },
  LONG,
);

test(
  'Postgres is read-only: who only reads is served, who writes is told so, and nobody is signed out',
  async () => {
    const server = await startServer(5);
    const { browser, username } = await register(server);
    const before = new Map(browser.cookies);
    const admin = await connect();
    cleanUps.push(() => admin.end());
    const setReadOnly = async (value: 'on' | 'off') => {
      await admin.query('set default_transaction_read_only = off');
      await admin.query(`alter system set default_transaction_read_only = ${value}`);
      await admin.query('select pg_reload_conf()');
    };
    await setReadOnly('on');
    cleanUps.push(() => setReadOnly('off'));

    const { me, notes, ...writing } = calls(browser, username);
    // The window of the last refresh is open: a replay is a read.
    const { refresh, ...refused } = writing;
    for (const call of Object.values(refused)) {
      await vi.waitFor(async () => expect(await call()).toMatchObject(UNAVAILABLE), { timeout: 20_000 });
    }
    for (const call of [me, notes, refresh]) expect(await call?.()).toMatchObject({ status: 200 });
    expect(browser.cookies.size).toBe(before.size);
    expect(await statusOf(server, '/readyz')).toBe(503);

    await setReadOnly('off');
    await vi.waitFor(async () => expect(await calls(browser, username).create?.()).toMatchObject({ status: 200 }));
  },
  LONG,
);
