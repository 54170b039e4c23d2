import { createCallerFactory, protectedProcedure, reasonOf, router } from 'latchkey/server';
import pg from 'pg';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createStore } from '#server/database/index.ts';
import { createTestAuth, createTestKeys, elsewhere, type TestBrowser } from '#testing/auth.ts';
import {
  createFeedOf,
  createListeningClient,
  type ListeningClient,
  REVOCATION_CHANNEL,
} from '#testing/postgres-feed.ts';
import { startTcpProxy, type TcpProxy } from '#testing/tcp-proxy.ts';
import { createTestDatabase } from '#testing/test-database.ts';

/** What docs/security.md states. */
const BOUND = 5000;
const BEAT_INTERVAL = 20;
/** How long a notification may be, by Postgres. */
const MAX_BYTES = 8000;

let url: string;
let proxy: TcpProxy;
const cleanUps: (() => unknown)[] = [];

beforeEach(async () => {
  const database = await createTestDatabase();
  cleanUps.push(database.drop);
  url = database.url;
  proxy = await startTcpProxy(url);
  cleanUps.push(proxy.shut);
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

const keys = createTestKeys();

interface ProcessOptions {
  connect?: () => ListeningClient;
  monotonic?: () => number;
}

/** One of several processes on the database. Counts the statements that its calls send. */
const startProcess = async ({ connect = () => createListeningClient(proxy.url), monotonic }: ProcessOptions = {}) => {
  const location = { databaseUrl: url, dataDir: 'memory:', poolSize: 5 };
  let statements = 0;
  const database = createStore({
    ...location,
    onStatement: ({ sql }) => {
      if (!sql.includes('pg_notify')) statements += 1;
    },
  });
  cleanUps.push(() => database.close());
  const feed = createFeedOf(database, {
    connect,
    beatIntervalMs: BEAT_INTERVAL,
    // Statements are counted.
    lookIntervalMs: 3_600_000,
    ...(monotonic && { monotonic }),
  });
  const kit = await createTestAuth({ database }, { ...keys, feed });
  cleanUps.push(() => kit.stop());
  const countStatements = async (work: () => Promise<unknown>): Promise<number> => {
    const before = statements;
    await work();
    return statements - before;
  };
  return { kit, countStatements };
};

const refusal = (browser: TestBrowser) =>
  browser
    .call()
    .auth.claims()
    .then(() => 'let through', reasonOf);

const run = async (statement: string, values: unknown[] = []): Promise<void> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statement, values);
  await client.end();
};

const endAllSessions = () =>
  run(`update auth_sessions set revoked_at = $1, revoked_cause = 'ended_by_admin'`, [Date.now()]);

test('while the feed is live a protected call sends no statement, and what another process revokes is refused all the same', async () => {
  const [{ kit: first }, { kit: second, countStatements }] = [await startProcess(), await startProcess()];
  const owner = first.openBrowser();
  await owner.register('ada');
  const browser = elsewhere(second, owner);
  const calls = async () => {
    for (let call = 0; call < 100; call += 1) await browser.call().auth.claims();
  };
  expect(await countStatements(calls)).toBe(0);
  await owner.call().auth.logout();
  await vi.waitFor(async () => expect(await refusal(browser)).toBe('session_revoked'));
  expect(await countStatements(() => refusal(browser))).toBe(0);
});

test('a connection that is frozen half-open hides a revocation for five seconds and not longer, and loses none', async () => {
  let time = 0;
  const [{ kit: first }, { kit: second, countStatements }] = [
    await startProcess({ connect: () => createListeningClient(url) }),
    await startProcess({ monotonic: () => time }),
  ];
  const owner = first.openBrowser();
  await owner.register('ada');
  const browser = elsewhere(second, owner);
  expect(second.auth.isReady()).toBe(true);

  proxy.freeze();
  cleanUps.push(proxy.thaw);
  await owner.call().auth.logout();
  time = BOUND - 1;
  // The notice is on its way: nothing in this process can know of it.
  expect(await refusal(browser)).toBe('let through');
  time = BOUND;
  expect(second.auth.isReady()).toBe(false);
  expect(await countStatements(async () => expect(await refusal(browser)).toBe('session_revoked'))).toBe(1);

  proxy.thaw();
  await vi.waitFor(() => expect(second.auth.isReady()).toBe(true), { timeout: 10_000 });
  expect(await countStatements(async () => expect(await refusal(browser)).toBe('session_revoked'))).toBe(0);
});

test('what is revoked while the connection is cut is refused at every moment, and known once it is back', async () => {
  const { kit, countStatements } = await startProcess();
  const owner = kit.openBrowser();
  await owner.register('ada');
  await proxy.shut();
  await vi.waitFor(() => expect(kit.auth.isReady()).toBe(false));
  expect(await refusal(owner)).toBe('let through');
  await run(`update auth_sessions set revoked_at = $1, revoked_cause = 'ended_by_admin'`, [kit.clock.now()]);
  expect(await refusal(owner)).toBe('session_revoked');
  await proxy.open();
  await vi.waitFor(() => expect(kit.auth.isReady()).toBe(true));
  expect(await countStatements(async () => expect(await refusal(owner)).toBe('session_revoked'))).toBe(0);
});

test('behind a transaction pooler no notice arrives, and what is revoked is refused at once all the same', async () => {
  /** Each statement goes to whichever connection is free, and leaves nothing behind there. */
  const pooler = new pg.Pool({ connectionString: url, max: 2 });
  cleanUps.push(() => pooler.end());
  const connect = (): ListeningClient => ({
    connect: async () => {},
    query: async (text) => {
      const client = await pooler.connect();
      await client.query(text);
      await client.query('discard all');
      client.release();
    },
    end: async () => {},
    on: () => {},
    connection: { stream: { destroy: () => {} } },
  });
  let time = 0;
  const [{ kit: first }, { kit: second }] = [
    await startProcess(),
    await startProcess({ connect, monotonic: () => (time += 100) }),
  ];
  const owner = first.openBrowser();
  await owner.register('ada');
  const browser = elsewhere(second, owner);
  expect(second.auth.isReady()).toBe(false);
  expect(await refusal(browser)).toBe('let through');
  await owner.call().auth.logout();
  expect(await refusal(browser)).toBe('session_revoked');
  expect(second.auth.isReady()).toBe(false);
});

/** Each account may have a hundred. */
const ACCOUNTS = 20;
const SESSIONS = 50;

const ways = [
  { way: 'in one statement', end: () => endAllSessions() },
  {
    way: 'one by one',
    end: async (owners: readonly TestBrowser[]) => {
      for (const owner of owners) await owner.call().auth.logout();
    },
  },
];

test.each(ways)(
  'a thousand sessions that end $way are refused by another process, each of them and without a statement',
  async ({ end }) => {
    const [{ kit: first }, { kit: second, countStatements }] = [await startProcess(), await startProcess()];
    const payloads: string[] = [];
    const witness = createListeningClient(url);
    witness.on('notification', ({ payload = '' }) => payloads.push(payload));
    await witness.connect();
    cleanUps.push(() => witness.end());

    const owners: TestBrowser[] = [];
    for (let account = 0; account < ACCOUNTS; account += 1) {
      await first.openBrowser().register(`person_${account}`);
      for (let session = 0; session < SESSIONS; session += 1) {
        const owner = first.openBrowser();
        await owner.login(`person_${account}`);
        owners.push(owner);
      }
    }
    const bystander = first.openBrowser();
    const others = owners.map((owner) => elsewhere(second, owner));
    const letThrough = async () => {
      const answers = await Promise.all(others.map(refusal));
      return answers.filter((answer) => answer !== 'session_revoked').length;
    };
    expect(await letThrough()).toBe(others.length);

    await witness.query(`listen "${REVOCATION_CHANNEL}"`);
    await end(owners);
    await vi.waitFor(async () => expect(await letThrough()).toBe(0), { timeout: 20_000 });
    expect(second.auth.isReady()).toBe(true);
    expect(await countStatements(letThrough)).toBe(0);
    await bystander.register('bystander');
    expect(await refusal(elsewhere(second, bystander))).toBe('let through');
    const notices = payloads.flatMap((payload): unknown => JSON.parse(payload));
    expect(notices.length).toBeGreaterThanOrEqual(others.length);
    expect(Math.max(...payloads.map((payload) => Buffer.byteLength(payload)))).toBeLessThan(MAX_BYTES);
  },
  120_000,
);

/** Says nothing, for as long as it lasts. */
const silentRouter = router({
  onNothing: protectedProcedure.subscription(async function* ({ signal }) {
    yield* [];
    await new Promise((resolve) => signal?.addEventListener('abort', resolve));
  }),
});

test('a process that hears of nothing asks for its open streams too, and ends those of a revoked session', async () => {
  const { kit } = await startProcess();
  const owner = kit.openBrowser();
  await owner.register('ada');
  const abort = new AbortController();
  cleanUps.push(() => abort.abort());
  const caller = createCallerFactory(silentRouter)(owner.context(), { signal: abort.signal });
  const stream = (await caller.onNothing())[Symbol.asyncIterator]();
  const over = stream.next().then(() => 'went on', reasonOf);

  await proxy.shut();
  await vi.waitFor(() => expect(kit.auth.isReady()).toBe(false));
  await endAllSessions();
  kit.clock.advance(BOUND);
  expect(await over).toBe('session_revoked');
  expect(kit.services.subscriptions.count()).toBe(0);
});
