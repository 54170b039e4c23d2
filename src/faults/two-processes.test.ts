import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { type AuthTables, systemClock, type TablesOf } from 'latchkey/server';
import { createArgon2Pool, createPasswordAdministration } from 'latchkey/server/passwords';
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createStore } from '#server/database/index.ts';
import { createTestSecret } from '#testing/auth.ts';
import { isHeavy } from '#testing/heavy.ts';
import { type ServerProcess, startServerProcess } from '#testing/server-process.ts';
import { startTcpProxy } from '#testing/tcp-proxy.ts';
import { createTestDatabase } from '#testing/test-database.ts';
import { type Browser, createBrowser, type Outcome } from './browser.ts';

const PASSWORD = 'correct horse battery staple';
const ROUNDS = isHeavy ? 20 : 6;
/** Longer than a hash takes. */
const MAX_HEAD_START_MS = 40;
const LONG = 120_000;

let first: ServerProcess;
let second: ServerProcess;
let database: pg.Client;
let databaseUrl: string;
let variables: Record<string, string>;
let count = 0;
const cleanUps: (() => unknown)[] = [];

beforeAll(async () => {
  const { url, drop } = await createTestDatabase();
  databaseUrl = url;
  cleanUps.push(drop);
  database = new pg.Client({ connectionString: url });
  await database.connect();
  cleanUps.push(() => database.end());
  variables = {
    DATABASE_URL: url,
    PUBLIC_URL: 'http://localhost',
    ACCESS_TOKEN_SECRET: createTestSecret(),
    REFRESH_TOKEN_SECRET: createTestSecret(),
    DATA_SECRET: createTestSecret(),
  };
  [first, second] = await Promise.all([startServerProcess(variables), startServerProcess(variables)]);
  cleanUps.push(first.kill, second.kill);
  for (const { url: serverUrl } of [first, second]) {
    await vi.waitFor(async () => expect((await fetch(`${serverUrl}/readyz`)).status).toBe(200), { timeout: 20_000 });
  }
}, LONG);
afterAll(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

const register = async (): Promise<{ username: string; browser: Browser }> => {
  const username = `person_${(count += 1)}`;
  const browser = createBrowser(() => first.url);
  const input = { username, email: `${username}@mail.example`, password: PASSWORD };
  expect(await browser.call('auth.register', { input })).toMatchObject({ status: 200 });
  return { username, browser };
};

/** The same browser, as the balancer sends its next request to the other process. */
const through = ({ url }: ServerProcess, { cookies, accessToken }: Browser): Browser => {
  const browser = createBrowser(() => url);
  for (const [cookie, value] of cookies) browser.cookies.set(cookie, value);
  browser.accessToken = accessToken;
  return browser;
};

/** Puts the sessions of somebody so far back that the next refresh rotates. */
const letTimePass = (username: string): Promise<unknown> =>
  database.query(
    `update auth_sessions set issued_at = issued_at - 600000, handed_at = handed_at - 600000
      where user_id = (select id from auth_users where username = $1)`,
    [username],
  );

const refreshOf = (browser: Browser): Promise<Outcome> => browser.call('auth.refresh');
const claimsOf = (browser: Browser): Promise<Outcome> => browser.call('auth.claims', { method: 'GET' });
const reasonOf = (outcome: Outcome): string | undefined => (outcome === 'no answer' ? outcome : outcome.reason);

test(
  'a hundred refreshes at once with one token, half of them on each process, are one rotation, and all are answered',
  async () => {
    const { username, browser } = await register();
    await letTimePass(username);
    const tabs = Array.from({ length: 100 }, (_, index) => through(index % 2 === 0 ? first : second, browser));
    const answers = await Promise.all(tabs.map(refreshOf));
    expect(answers.map(reasonOf)).toEqual(tabs.map(() => undefined));
    const { rows } = await database.query(
      `select issued, confirmed, revoked_at from auth_sessions
        where user_id = (select id from auth_users where username = $1)`,
      [username],
    );
    expect(rows).toEqual([{ issued: 2, confirmed: 1, revoked_at: null }]);
    for (const tab of tabs) expect(await claimsOf(tab)).toMatchObject({ status: 200 });
  },
  LONG,
);

test(
  'of fifty tries at once with one left, half of them on each process, one is looked at',
  async () => {
    const { username } = await register();
    const attemptLogin = async (server: ServerProcess) => {
      const input = { username, password: 'not the password' };
      return reasonOf(await createBrowser(() => server.url).call('auth.login', { input }));
    };
    for (const server of [first, second, first, second]) expect(await attemptLogin(server)).toBe('invalid_credentials');
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => attemptLogin(index % 2 === 0 ? first : second)),
    );
    expect(answers.filter((reason) => reason === 'invalid_credentials')).toHaveLength(1);
    expect(answers.filter((reason) => reason === 'rate_limited')).toHaveLength(49);
  },
  LONG,
);

test(
  'a logout on one process ends the session, whatever a refresh of it on the other hands out meanwhile',
  async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const { username, browser } = await register();
      await letTimePass(username);
      const tab = through(second, browser);
      const [loggedOut] = await Promise.all([browser.call('auth.logout'), refreshOf(tab)]);
      expect(loggedOut).toMatchObject({ status: 200 });
      for (const server of [first, second]) {
        expect(reasonOf(await refreshOf(through(server, tab)))).toBe('session_revoked');
        await vi.waitFor(async () => expect(reasonOf(await claimsOf(through(server, tab)))).toBe('session_revoked'));
      }
    }
  },
  LONG,
);

test(
  'a new password set by a command leaves no session behind of a sign-in with the old one on a process meanwhile',
  async () => {
    const store = createStore({ databaseUrl, dataDir: 'memory:', poolSize: 2 });
    cleanUps.push(() => store.close());
    const { accountChanges, passwordChanges } = createPasswordAdministration({
      database: store.db.withTables<TablesOf<AuthTables>>(),
      hasher: createArgon2Pool(),
      clock: systemClock,
      report: () => {},
      announce: store.createFeed().announce,
    });
    const initiator = { id: 'command', address: null, userAgent: null };
    for (let round = 0; round < ROUNDS; round += 1) {
      const { username } = await register();
      const { id = '' } = (await accountChanges.find(username)) ?? {};
      const browsers = [first, second].map(({ url }) => createBrowser(() => url));
      // Each hash takes a while: a different head start each time brings the two together somewhere.
      const change = delay((MAX_HEAD_START_MS * round) / ROUNDS).then(() =>
        passwordChanges.setPassword(initiator, id, `another ${PASSWORD}`),
      );
      const logins = browsers.map((browser) => browser.call('auth.login', { input: { username, password: PASSWORD } }));
      expect(await change).toBe('done');
      await Promise.all(logins);
      for (const browser of browsers.filter(({ cookies }) => cookies.size > 0)) {
        expect(reasonOf(await refreshOf(browser))).toBe('session_revoked');
        await vi.waitFor(async () => expect(reasonOf(await claimsOf(browser))).toBe('session_revoked'));
      }
    }
  },
  LONG,
);

test(
  'a live stream on one process ends when its session does on the other',
  async () => {
    const { browser } = await register();
    const headers = { authorization: `Bearer ${browser.accessToken}`, accept: 'text/event-stream', 'x-latchkey': '1' };
    const stream = await new Promise<string>((resolve, reject) => {
      request(`${second.url}/api/trpc/notes.onChange`, { headers, agent: false }, (response) => {
        text(response).then(resolve, reject);
        response.once('data', () => void browser.call('auth.logout'));
      })
        .on('error', reject)
        .end();
    });
    expect(stream).toContain('session_revoked');
  },
  LONG,
);

test(
  'a process that dies between the end of a session and its announcement leaves the others to find it in the store',
  async () => {
    let isWatched = false;
    let killed: Promise<void> | undefined;
    const way = await startTcpProxy(databaseUrl, {
      onSent: (bytes) => {
        if (!isWatched || !bytes.includes('auth_revocations')) return;
        way.cut();
        killed ??= third.kill();
      },
    });
    cleanUps.push(way.shut);
    const third = await startServerProcess({ ...variables, DATABASE_URL: way.url });
    cleanUps.push(third.kill);

    const { username, browser } = await register();
    isWatched = true;
    expect(await through(third, browser).call('auth.logout')).toBe('no answer');
    await killed;
    const { rows } = await database.query(
      `select revoked_cause from auth_sessions where user_id = (select id from auth_users where username = $1)`,
      [username],
    );
    expect(rows).toEqual([{ revoked_cause: 'logout' }]);
    await vi.waitFor(async () => expect(reasonOf(await claimsOf(browser))).toBe('session_revoked'), {
      timeout: 20_000,
      interval: 200,
    });
  },
  LONG,
);
