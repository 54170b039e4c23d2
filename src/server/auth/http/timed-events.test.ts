import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { initTRPC } from '@trpc/server';
import { createExpressMiddleware } from '@trpc/server/adapters/express';
import express from 'express';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createStore } from '#server/database/index.ts';
import { createTestAuth, type TestAuth } from '#testing/auth.ts';
import { HOSTS, type HostName, startWireServer } from '#testing/wire.ts';
import type { AuthContext } from '../context.ts';
import { coreRouters } from '../core-routers.ts';
import { trpcOptions } from '../trpc/options.ts';
import { type ProcedureMeta, publicProcedure } from '../trpc/procedures.ts';
import type { SseOptions } from './events.ts';

/** Opened by the test, for each of the two servers that it compares. */
let opens: (() => void)[] = [];
const untilOpened = (signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    opens.push(resolve);
    signal?.addEventListener('abort', () => resolve());
  });
let ended = 0;

const createRoutes = (sse: SseOptions) => {
  const t = initTRPC
    .context<AuthContext>()
    .meta<ProcedureMeta>()
    .create({ ...trpcOptions(), sse });
  const open = t.procedure.concat(publicProcedure);
  return t.router({
    ...coreRouters,
    late: open.subscription(async function* ({ signal }) {
      try {
        await untilOpened(signal);
        if (!signal?.aborted) yield 'late';
      } finally {
        ended += 1;
      }
    }),
    first: open.subscription(async function* ({ signal }) {
      yield 'first';
      yield 'at once';
      await untilOpened(signal);
      yield 'too late';
    }),
  });
};

let kit: TestAuth;
let close: () => Promise<void>;
beforeAll(async () => {
  const database = createStore({ dataDir: 'memory:', poolSize: 1 });
  kit = await createTestAuth({ database });
  close = () => database.close();
});
afterAll(async () => {
  await kit.stop();
  await close();
});
const cleanUps: (() => unknown)[] = [];
beforeEach(() => {
  opens = [];
  ended = 0;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(async () => {
  vi.useRealTimers();
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

/** Waits by turns of the event loop: the clock stands. */
const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await turn();
};

interface Listening {
  said(): string;
  isOver(): boolean;
}

const listen = async (url: string, name: string): Promise<Listening> => {
  const request = get(`${url}/api/trpc/${name}`);
  const [answer]: IncomingMessage[] = await once(request, 'response');
  let said = '';
  answer?.on('data', (part) => {
    said += String(part);
  });
  await until(() => said.includes('connected'));
  return { said: () => said, isOver: () => answer?.complete === true };
};

const startBare = async (sse: SseOptions): Promise<string> => {
  const handler = createExpressMiddleware({
    router: createRoutes(sse),
    createContext: () => kit.openBrowser().context(),
  });
  const server: Server = createServer(express().use('/api/trpc', handler)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUps.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
};

/** The same stream, by tRPC's own adapter and by a host of ours. */
const openBoth = async (host: HostName, sse: SseOptions, name: string): Promise<[Listening, Listening]> => {
  const server = await startWireServer(kit.auth, createRoutes(sse), { host });
  cleanUps.push(server.close);
  return [await listen(await startBare(sse), name), await listen(server.url, name)];
};

const pass = (milliseconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds);
const pingsIn = ({ said }: Listening): number => said().split('event: ping').length - 1;

describe.each(HOSTS)('on %s, as by tRPC’s own adapter,', (host) => {
  test('a ping comes whenever nothing else has for so long', async () => {
    const both = await openBoth(host, { ping: { enabled: true, intervalMs: 1000 } }, 'late');
    const [there, here] = both;
    for (let count = 1; count < 3; count += 1) {
      await pass(999);
      for (let turns = 0; turns < 20; turns += 1) await turn();
      expect(both.map(pingsIn)).toEqual([count - 1, count - 1]);
      await pass(1);
      await until(() => both.every((each) => pingsIn(each) === count));
    }
    for (const open of opens) open();
    await until(() => both.every(({ isOver }) => isOver()));
    expect(here.said()).toBe(there.said());
    expect(here.said()).toContain('event: return');
  });

  test('a stream ends once its longest time is over, and what makes its events with it', async () => {
    const both = await openBoth(host, { maxDurationMs: 5000, client: { reconnectAfterInactivityMs: 7000 } }, 'late');
    const [there, here] = both;
    await pass(4999);
    expect(both.map(({ isOver }) => isOver())).toEqual([false, false]);
    await pass(1);
    await until(() => both.every(({ isOver }) => isOver()) && ended === 2);
    expect(here.said()).toBe(there.said());
    expect(here.said()).not.toContain('event: return');
  });

  test('where it is to end with the first event, what comes right behind is sent as well', async () => {
    const both = await openBoth(host, { emitAndEndImmediately: true }, 'first');
    const [there, here] = both;
    await until(() => both.every(({ said }) => said().includes('at once')));
    await pass(1);
    for (const open of opens) open();
    await until(() => both.every(({ isOver }) => isOver()));
    expect(here.said()).toBe(there.said());
    expect(here.said()).not.toContain('too late');
  });
});
