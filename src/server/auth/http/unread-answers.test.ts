import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import type { RequestHandler } from 'express';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createStore } from '#server/database/index.ts';
import { createTestAuth } from '#testing/auth.ts';
import { startWireServer, type WireServer } from '#testing/wire.ts';
import { coreRouters } from '../core-routers.ts';
import { publicProcedure, router } from '../trpc/procedures.ts';
import { requestRecordOf } from './request-record.ts';
import type { AnswerLimits } from './unread-answers.ts';

const KILOBYTE = 1000;
/** More than the buffers of the system hold between two ends of a connection. */
const LARGE = 8000 * KILOBYTE;

const SIZED = 600 * KILOBYTE;

let done = 0;
const routes = router({
  ...coreRouters,
  small: publicProcedure.query(() => 'small'),
  sized: publicProcedure.query(() => 'x'.repeat(SIZED)),
  large: publicProcedure.query(() => 'x'.repeat(LARGE)),
  change: publicProcedure.mutation(() => {
    done += 1;
    return 'x'.repeat(SIZED);
  }),
  onSized: publicProcedure.subscription(async function* () {
    for (;;) yield 'x'.repeat(SIZED);
  }),
});

const cleanUps: (() => Promise<unknown>)[] = [];
let start: (answerLimits?: Partial<AnswerLimits>, before?: RequestHandler[]) => Promise<WireServer>;
beforeAll(async () => {
  const location = { dataDir: 'memory:', poolSize: 1 };
  const database = createStore(location);
  const kit = await createTestAuth({ database });
  cleanUps.push(kit.stop, () => database.close());
  start = async (answerLimits, before = []) => {
    const server = await startWireServer(kit.auth, routes, { before, ...(answerLimits && { answerLimits }) });
    cleanUps.unshift(server.close);
    return server;
  };
});
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});
afterAll(async () => {
  for (const cleanUp of cleanUps) await cleanUp();
});

/** For a machine that has other things to do. */
const PATIENTLY = { timeout: 100_000 };

const get = { method: 'GET', headers: {} };

/** Asks, and reads nothing. */
const askUnread = async ({ url }: WireServer, path: string, headers = ''): Promise<Socket> => {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => {}); // It may be cut off.
  await once(socket, 'connect');
  socket.write(`GET /api/trpc/${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n`);
  await once(socket, 'readable');
  return socket;
};

/** Keeps what becomes of each request, in the order in which they came. */
const keepEnds = () => {
  const ends: { closed: boolean; reasons: readonly string[] }[] = [];
  const handler: RequestHandler = (req, res, next) => {
    const end = { closed: false, reasons: [] as readonly string[] };
    ends.push(end);
    res.once('close', () => {
      end.closed = true;
      end.reasons = requestRecordOf(req)?.refusals ?? [];
    });
    next();
  };
  return { ends, handler };
};

describe('a batch of queries', () => {
  const seven = `${Array.from({ length: 7 }, () => 'sized').join(',')}?batch=1`;

  test('whose answers are too large together is refused, and each of them can be had alone', async () => {
    const server = await start();
    const refused = await server.send(seven, get);
    expect(refused.status).toBe(413);
    const message = 'The answers to this batch are too large to be sent together. Ask for less at a time.';
    const error: unknown = expect.objectContaining({
      message,
      data: expect.objectContaining({ code: 'PAYLOAD_TOO_LARGE' }),
    });
    expect(await refused.json()).toEqual(Array.from({ length: 7 }, () => ({ error })));
    expect((await server.send('sized,sized,sized,sized,sized,sized?batch=1', get)).status).toBe(200);
    expect((await server.send('large?batch=1', get)).status).toBe(200);
    expect((await (await server.send('large', get)).text()).length).toBeGreaterThan(LARGE);
  });

  test('of mutations is answered, since all of them were carried out', async () => {
    const server = await start();
    const headers = { 'x-latchkey': '1', 'content-type': 'application/json' };
    const answer = await server.send(seven.replaceAll('sized', 'change'), { headers, body: '{}' });
    expect([answer.status, done]).toEqual([200, 7]);
    expect(await answer.json()).toHaveLength(7);
  });
});

describe('answers that nobody reads', () => {
  test.each([
    { what: 'whole answers', path: 'large', headers: '', limit: 1.5 * LARGE },
    {
      what: 'streamed batches',
      path: `${Array.from({ length: 9 }, () => 'sized').join(',')}?batch=1`,
      headers: 'trpc-accept: application/jsonl\r\n',
      // Two would fit, were no more of each read ahead than what its connection takes.
      limit: 2.4 * SIZED,
    },
    { what: 'events', path: 'onSized', headers: 'accept: text/event-stream\r\n', limit: 1.5 * SIZED },
  ])(
    'may take so much together: of $what, the one that has waited longest is cut off, and is in the log',
    async ({ path, headers, limit }) => {
      const { ends, handler } = keepEnds();
      const server = await start({ process: limit }, [handler]);
      for (let count = 0; count < 3; count += 1) await askUnread(server, path, headers);
      await expect.poll(() => ends.map(({ closed }) => closed), PATIENTLY).toEqual([true, true, false]);
      expect(ends[0]?.reasons).toEqual(['answer_unread']);
      expect((await server.send('small', get)).status).toBe(200);
    },
    120_000,
  );

  test('are forgotten once they are read, or their client has gone', async () => {
    const { ends, handler } = keepEnds();
    const server = await start({ process: 2.5 * LARGE }, [handler]);
    for (let count = 0; count < 3; count += 1) {
      const [read, left] = [await askUnread(server, 'large'), await askUnread(server, 'large')];
      expect((await text(read)).length).toBeGreaterThan(LARGE);
      left.resetAndDestroy();
      await expect.poll(() => ends.every(({ closed }) => closed), PATIENTLY).toBe(true);
    }
    expect(ends.flatMap(({ reasons }) => reasons)).toEqual([]);
  });

  test('one that is larger than all may be is sent, as long as it is the last', async () => {
    const server = await start({ process: KILOBYTE });
    expect((await (await server.send('large', get)).text()).length).toBeGreaterThan(LARGE);
  });
});
