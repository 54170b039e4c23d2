import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import compression from 'compression';
import express, { type RequestHandler } from 'express';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod/v4';
import { createStore } from '#server/database/index.ts';
import { createTestAuth } from '#testing/auth.ts';
import { HOSTS, type HostName, startWireServer, type WireOptions, type WireServer } from '#testing/wire.ts';
import { coreRouters } from '../core-routers.ts';
import { publicProcedure, router } from '../trpc/procedures.ts';
import { createNodeHost } from './node-exchange.ts';
import { sendParts } from './streamed-batch.ts';

/** What became of the calls' signals. */
let signals: AbortSignal[] = [];
const keep = (signal: AbortSignal | undefined): void => {
  if (signal !== undefined) signals.push(signal);
};

let finish = (): void => {};

/** How many parts the stream `flood` has made. */
let flooded = 0;

const routes = router({
  ...coreRouters,
  echo: publicProcedure.input(z.strictObject({ text: z.string() })).mutation(({ input }) => input.text),
  quick: publicProcedure.query(({ signal }) => {
    keep(signal);
    return 'quick';
  }),
  slow: publicProcedure.query(({ signal }) => {
    keep(signal);
    return new Promise<string>((resolve) => {
      finish = () => resolve('slow');
    });
  }),
  events: publicProcedure.subscription(async function* ({ signal }) {
    keep(signal);
    yield 'first';
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
    yield 'second';
  }),
  flood: publicProcedure.subscription(async function* ({ signal }) {
    for (; !signal?.aborted; flooded += 1) yield randomBytes(100_000).toString('base64');
  }),
  endless: publicProcedure.subscription(async function* ({ signal }) {
    keep(signal);
    for (let sent = 0; !signal?.aborted; sent += 1) {
      await wait(1);
      yield sent;
    }
  }),
});

const cleanUps: (() => Promise<unknown>)[] = [];
let start: (options?: WireOptions & { host?: HostName }) => Promise<WireServer>;

beforeAll(async () => {
  const location = { dataDir: 'memory:', poolSize: 1 };
  const database = createStore(location);
  const kit = await createTestAuth({ database });
  cleanUps.push(kit.stop, () => database.close());
  start = async (options) => {
    const server = await startWireServer(kit.auth, routes, options);
    cleanUps.unshift(server.close);
    return server;
  };
});

beforeEach(() => {
  signals = [];
});

afterAll(async () => {
  for (const cleanUp of cleanUps) await cleanUp();
});

const get = { method: 'GET', headers: {} };
const firstPartOf = async (response: Response): Promise<string> => {
  const reader = response.body?.getReader();
  const part = await reader?.read();
  await reader?.cancel();
  return new TextDecoder().decode(part?.value);
};

describe.each(HOSTS)('on %s', (host) => {
  test('the signal of a call that was answered never aborts, so that "undo on abort" undoes nothing that was done', async () => {
    const server = await start({ host });
    await (await server.send('quick,quick?batch=1', get)).text();
    await server.close();
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
  });

  test('the signal of a call aborts when its client leaves', async () => {
    const server = await start({ host });
    const leaving = new AbortController();
    const answer = fetch(`${server.url}/api/trpc/slow`, { signal: leaving.signal });
    await vi.waitFor(() => expect(signals).toHaveLength(1));
    leaving.abort();
    await expect(answer).rejects.toThrow('aborted');
    await vi.waitFor(() => expect(signals[0]?.aborted).toBe(true));
    finish();
  });

  test('the parts of a stream arrive as they come', async () => {
    const server = await start({ host });
    const events = await server.send('events', get);
    expect(events.headers.get('content-type')).toBe('text/event-stream');
    expect(events.headers.get('cache-control')).toBe('no-store');
    expect(await firstPartOf(events)).toContain('event: connected');

    const batch = await server.send('quick,slow?batch=1', {
      method: 'GET',
      headers: { 'trpc-accept': 'application/jsonl' },
    });
    expect(batch.headers.get('transfer-encoding')).toBe('chunked');
    expect(await firstPartOf(batch)).not.toBe('');
    finish();
  });

  test('a stream ends with its generator, and the generator with its client', async () => {
    const server = await start({ host });
    const events = await server.send('events', get);
    const text = events.text();
    await vi.waitFor(() => expect(signals).toHaveLength(1));
    finish();
    expect(await text).toMatch(/first[\s\S]*second[\s\S]*event: return/);

    await firstPartOf(await server.send('endless', get));
    await vi.waitFor(() => expect(signals[1]?.aborted).toBe(true));
  });
});

test('calls that are sent without waiting run one after the other, and none runs whose client has left', async () => {
  const server = await start();
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  await once(socket, 'connect');
  socket.write('GET /api/trpc/events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n'.repeat(8));
  await once(socket, 'readable');
  expect(signals).toHaveLength(1);
  socket.resetAndDestroy();
  await vi.waitFor(() => expect(signals[0]?.aborted).toBe(true));
  await server.close();
  expect(signals).toHaveLength(1);
  finish();
});

test('a client that left before its call began is known to have left', async () => {
  const leaving = new AbortController();
  const untilLeft: RequestHandler = (_req, res, next) => {
    res.once('close', () => next());
    leaving.abort();
  };
  const server = await start({ before: [untilLeft] });
  const answer = fetch(`${server.url}/api/trpc/quick`, { signal: leaving.signal });
  await expect(answer).rejects.toThrow('aborted');
  await vi.waitFor(() => expect(signals[0]?.aborted).toBe(true));
});

test('a stream is given up when its client has left before the first part is sent', async () => {
  let isGivenUp = false;
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(1)),
    cancel: () => {
      isGivenUp = true;
    },
  });
  const leaving = new AbortController();
  const answerLate: RequestHandler = (req, res) => {
    res.once('close', () => {
      const unread = { add: () => {}, clear: () => {} };
      void sendParts(
        createNodeHost(() => undefined),
        { req, res },
        stream,
        { unread, readAhead: 0 },
      );
    });
    leaving.abort();
  };
  const server = await start({ before: [answerLate] });
  const answer = fetch(`${server.url}/api/trpc/events`, { signal: leaving.signal });
  await expect(answer).rejects.toThrow('aborted');
  await vi.waitFor(() => expect(isGivenUp).toBe(true));
});

test('a stream is flushed through the compression of the app around', async () => {
  const flushes: string[] = [];
  const withFlush: RequestHandler = (req, res, next) => {
    next();
    Object.assign(res, { flush: () => flushes.push(req.path) });
  };
  const server = await start({ before: [withFlush] });
  await firstPartOf(await server.send('events', get));
  expect(flushes).toContain('/events');
  finish();
});

test('a stream through the compression of the app around is made no faster than it is read, and piles up no listeners', async () => {
  let res: ServerResponse | undefined;
  const keepResponse: RequestHandler = (_req, response, next) => {
    res = response;
    next();
  };
  const server = await start({ before: [compression({ filter: () => true }), keepResponse] });
  const events = await server.send('flood', get);
  expect(events.headers.get('content-encoding')).toBe('gzip');
  const reader = events.body?.getReader();

  /** Until nothing is made any more, since nothing is read. */
  const untilHeld = async (): Promise<number> => {
    for (let before = -1; before !== flooded; await wait(100)) before = flooded;
    return flooded;
  };
  const held = await untilHeld();
  let read = 0;
  while (flooded < held + 50) read += (await reader?.read())?.value?.length ?? 0;
  expect(read).toBeGreaterThan(0);
  await untilHeld();

  const ignore = (): void => {};
  const drained = res?.on('drain', ignore);
  // The one that waits now, and this one.
  expect(drained?.listenerCount('drain')).toBeLessThanOrEqual(2);
  expect(res?.listenerCount('close')).toBeLessThan(10);
  await reader?.cancel();
});

test('a body that a parser of the app around has read is taken from it', async () => {
  for (const parser of [express.json(), express.text({ type: 'application/json' })]) {
    const server = await start({ before: [parser] });
    const answer = await server.mutate('echo', { text: 'once' });
    expect(await answer.json()).toEqual({ result: { data: 'once' } });
  }
});
