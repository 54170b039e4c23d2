import { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createStore } from '#server/database/index.ts';
import { startTcpProxy, type TcpProxy } from '#testing/tcp-proxy.ts';
import { createTestDatabase } from '#testing/test-database.ts';
import { createPostgresListener, type PostgresListenerOptions } from './listener.ts';

const BEAT_INTERVAL = 20;

let url: string;
/** The way of the listening connection, and that of the pool. */
let listening: TcpProxy;
let pooled: TcpProxy;
const cleanUps: (() => unknown)[] = [];

beforeEach(async () => {
  const database = await createTestDatabase();
  cleanUps.push(database.drop);
  url = database.url;
  [listening, pooled] = [await startTcpProxy(url), await startTcpProxy(url)];
  cleanUps.push(listening.shut, pooled.shut);
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

const startListener = async (options: Partial<PostgresListenerOptions<unknown>> = {}) => {
  const database = createStore({ databaseUrl: pooled.url, dataDir: 'memory:', poolSize: 2 });
  cleanUps.push(() => database.close());
  const heard: string[] = [];
  const changes: string[] = [];
  const sockets: Socket[] = [];
  let catchUps = 0;
  const listener = createPostgresListener({
    database: database.db,
    connect: () => {
      const socket = new Socket();
      sockets.push(socket);
      return new pg.Client({ connectionString: listening.url, stream: () => socket });
    },
    onChange: (isLive) => changes.push(`${isLive ? 'live' : 'dead'} after ${catchUps} catch-ups`),
    beatIntervalMs: BEAT_INTERVAL,
    ...options,
  });
  listener.listen('news', {
    notice: (payload) => heard.push(payload),
    catchUp: async () => {
      catchUps += 1;
      await Promise.resolve();
    },
  });
  cleanUps.push(() => listener.stop());
  const started = listener.start();
  return { listener, started, heard, changes, sockets, catchUps: () => catchUps };
};

const notify = async (payload: string): Promise<void> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('select pg_notify($1, $2)', ['news', payload]);
  await client.end();
};

const isListening = async (): Promise<boolean> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(
    `select 1 from pg_stat_activity where datname = current_database() and query = 'listen "news"' and state = 'idle'`,
  );
  await client.end();
  return rows.length > 0;
};

/** Time for the next beat to be sent. Were it too short on some day, the test would find less, and not fail. */
const forNextBeat = () => delay(10 * BEAT_INTERVAL);

test('one that was stopped before it began connects nowhere, and says that it is done', async () => {
  const listener = createPostgresListener({
    database: createStore({ databaseUrl: pooled.url, dataDir: 'memory:', poolSize: 2 }).db,
    connect: () => {
      throw new Error('It connects.');
    },
  });
  await listener.stop();
  await listener.start();
  expect(listener.isLive()).toBe(false);
});

test('a cut is known at once, also while a beat hangs in the pool', async () => {
  // The clock stands: no beat grows old, and nothing but the cut itself can end the life of the feed.
  const { listener, started } = await startListener({ monotonic: () => 0 });
  await started;
  expect(listener.isLive()).toBe(true);
  pooled.freeze();
  cleanUps.push(pooled.thaw);
  await forNextBeat();
  listening.cut();
  await vi.waitFor(() => expect(listener.isLive()).toBe(false));
});

test('a connection that fell silent is closed, and its last words do not make the feed live', async () => {
  let time = 0;
  const { listener, started, heard, changes, sockets } = await startListener({ monotonic: () => time });
  await started;
  listening.freeze();
  time = 4000;
  // Beats of four seconds are on their way, and would keep it live until nine.
  await forNextBeat();
  time = 5000;
  expect(listener.isLive()).toBe(false);
  await vi.waitFor(() => expect(sockets[0]?.destroyed).toBe(true));
  time = 6000;

  listening.thaw();
  await vi.waitFor(() => expect(listener.isLive()).toBe(true));
  expect(changes).toEqual(['live after 1 catch-ups', 'dead after 1 catch-ups', 'live after 2 catch-ups']);
  await notify('after');
  await vi.waitFor(() => expect(heard).toEqual(['after']));
  await vi.waitFor(() => expect(listening.connections()).toBe(1));
});

test('nothing is caught up on before a beat has shown that the pool and this connection are at one server', async () => {
  const { listener, started, changes, catchUps } = await startListener();
  // Before the listening connection is made.
  pooled.freeze();
  await vi.waitFor(async () => expect(await isListening()).toBe(true));
  await forNextBeat();
  expect([listener.isLive(), catchUps()]).toEqual([false, 0]);
  pooled.thaw();
  await started;
  expect(changes).toEqual(['live after 1 catch-ups']);
});

test('a beat that comes back before its statement is answered does not keep the next one from being sent', async () => {
  const database = createStore({ databaseUrl: url, dataDir: 'memory:', poolSize: 2 });
  cleanUps.push(() => database.close());
  let answer = (): void => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  cleanUps.push(answer);
  const db = database.db.withPlugin({
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }) => {
      await answered;
      return result;
    },
  });
  let hear = (): void => {};
  const heard = new Promise<void>((resolve) => {
    hear = resolve;
  });
  const { listener, started, catchUps } = await startListener({
    database: db,
    beatIntervalMs: 60_000,
    connect: () => new pg.Client({ connectionString: url }).on('notification', hear),
  });
  await heard;
  await vi.waitFor(() => expect(catchUps()).toBe(1));
  expect(listener.isLive()).toBe(false);
  answer();
  await started;
  expect(listener.isLive()).toBe(true);
});

test('a connection that is taken and never answered is given up, and the next one is tried', async () => {
  listening.freeze();
  const { listener, started, sockets } = await startListener({ startTimeoutMs: 100 });
  await started;
  expect(listener.isLive()).toBe(false);
  expect(sockets[0]?.destroyed).toBe(true);
  listening.thaw();
  await vi.waitFor(() => expect(listener.isLive()).toBe(true), { timeout: 10_000 });
});

test('a beat that fails is not the end of a connection that delivers', async () => {
  const { listener, started, changes } = await startListener({ liveFor: 20_000 });
  await started;
  await pooled.shut();
  await forNextBeat();
  await pooled.open();
  await vi.waitFor(() => expect(listener.lag()).toBeLessThan(5 * BEAT_INTERVAL));
  expect(changes).toEqual(['live after 1 catch-ups']);
});
