import { once } from 'node:events';
import type { RequestListener, Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import express from 'express';
import { createExpressHandler } from 'latchkey/express';
import { coreRouters, inTurn, publicProcedure, router } from 'latchkey/server';
import { afterEach, expect, test, vi } from 'vitest';
import { createStore } from '#server/database/index.ts';
import { createTestAuth } from '#testing/auth.ts';
import { CONNECTION_LIMITS, createHttpServer, type HttpServerOptions } from './http-server.ts';

/** What takes seconds in earnest: the one under test is made short, and the others are left as they are. */
const SHORT = 100;
const CHECKED = { checkedEvery: 20 };

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

const serve = async (
  limits: HttpServerOptions['limits'] = {},
  handle: RequestListener = (_req, res) => void res.end('hello'),
): Promise<{ server: Server; open: () => Promise<Socket> }> => {
  const server = createHttpServer({ limits: { ...CHECKED, ...limits } });
  server.on('request', handle);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUps.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  const open = async (): Promise<Socket> => {
    const socket = connect(address.port, '127.0.0.1');
    cleanUps.push(() => socket.destroy());
    await once(socket, 'connect');
    socket.on('error', () => {}); // A server that closes first may reset the connection.
    return socket;
  };
  return { server, open };
};

/** Sends a few bytes again and again, for as long as the server lets it. */
const dribble = (socket: Socket, bytes: string): void => {
  const timer = setInterval(() => socket.write(bytes), 10);
  socket.once('close', () => clearInterval(timer));
};

test('a client that sends its headers drop by drop is told that it took too long, and cut off', async () => {
  const { open } = await serve({ headers: SHORT });
  const socket = await open();
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n');
  dribble(socket, 'x: y\r\n');
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
});

test('a client that sends a body drop by drop is told so too', async () => {
  const { open } = await serve({ headers: SHORT, request: SHORT }, (req) => void req.resume());
  const socket = await open();
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
  dribble(socket, '1\r\nx\r\n');
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
});

test('a client that opens a connection and says nothing is cut off', async () => {
  const { open } = await serve({ headers: SHORT, request: SHORT, stalled: SHORT });
  const socket = await open();
  socket.resume();
  await once(socket, 'close');
});

test('a connection that carries no further request is closed', async () => {
  const { open } = await serve({ idle: SHORT });
  const socket = await open();
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  expect(await text(socket)).toMatch(/hello/);
});

test('a client that does not read a large answer is cut off', async () => {
  const { server, open } = await serve({ stalled: SHORT }, (_req, res) => void res.end(Buffer.alloc(50_000_000)));
  const closed = new Promise((resolve) => {
    server.once('connection', (socket) => socket.once('close', resolve));
  });
  const socket = await open();
  socket.pause();
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await closed;
});

test('a client that does not read a live stream is cut off, and the stream ends', async () => {
  const database = createStore({ dataDir: 'memory:', poolSize: 1 });
  const kit = await createTestAuth({ database });
  let hasEnded = false;
  const flood = publicProcedure.subscription(async function* ({ signal }) {
    try {
      while (!signal?.aborted) yield 'x'.repeat(100_000);
    } finally {
      hasEnded = true;
    }
  });
  const app = express();
  app.use('/api/trpc', createExpressHandler({ auth: kit.auth, router: router({ ...coreRouters, flood }) }));
  cleanUps.push(async () => {
    await kit.stop();
    await database.close();
  });

  const { open } = await serve({ stalled: SHORT }, app);
  const socket = await open();
  socket.pause();
  socket.write('GET /api/trpc/flood HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n');
  await vi.waitFor(() => expect(hasEnded).toBe(true), 10_000);
});

test('a request that is answered before it has been sent is not read to its end', async () => {
  const { server, open } = await serve({ unread: SHORT });
  const read = new Promise<number>((resolve) => {
    server.once('connection', (socket) => socket.once('close', () => resolve(socket.bytesRead)));
  });
  const socket = await open();
  socket.resume();
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n');
  dribble(socket, 'x'.repeat(1000));
  expect(await read).toBeLessThan(1_000_000);
});

test('the rest of a small request may come a little later, and the connection goes on', async () => {
  const { open } = await serve({ unread: 5000 });
  const socket = await open();
  let heard = '';
  socket.on('data', (part) => {
    heard += part.toString();
  });
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nha');
  await vi.waitFor(() => expect(heard.match(/hello/g)).toHaveLength(1));
  socket.write('lfGET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await vi.waitFor(() => expect(heard.match(/hello/g)).toHaveLength(2));
});

test('requests that are sent without waiting are answered one after the other, whatever each of them takes', async () => {
  let running = 0;
  const { open } = await serve({ pipelined: 100 }, (req, res) =>
    inTurn(res, () => {
      running += 1;
      const inOrder = running === 1;
      const finish = (): void => {
        running -= 1;
        res.end(`<${req.url} ${inOrder}>`);
      };
      // Some answer at once, and some later.
      if (Number(req.url?.slice(1)) % 3 === 0) finish();
      else setImmediate(finish);
    }),
  );
  const socket = await open();
  const paths = Array.from({ length: 60 }, (_, index) => `/${index}`);
  const ask = (path: string, index: number): string =>
    index % 2 === 0
      ? `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`
      : `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody`;
  socket.write(`${paths.map(ask).join('')}GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  expect((await text(socket)).match(/<.*?>/g)).toEqual([...paths, '/last'].map((path) => `<${path} true>`));
});

test('a client that keeps sending requests behind an unanswered one is cut off, and none of them is looked at', async () => {
  const seen: (string | undefined)[] = [];
  const { open } = await serve({}, (req, res) => inTurn(res, () => void seen.push(req.url)));
  const ask = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
  const patient = await open();
  patient.write(ask('/patient') + ask('/next').repeat(CONNECTION_LIMITS.pipelined));
  const socket = await open();
  socket.write(ask('/first'));
  dribble(socket, ask('/next'));
  await once(socket.resume(), 'close');
  expect(seen).toEqual(['/patient', '/first']);
  expect(patient.readyState).toBe('open');
});

test('beyond so many connections no further one is taken, until one ends', async () => {
  const { open } = await serve({ connections: 2 });
  const [first] = [await open(), await open()];
  const refused = await open();
  refused.write('GET / HTTP/1.0\r\n\r\n');
  expect(await text(refused).catch(() => '')).toBe('');

  first.destroy();
  const served = await vi.waitFor(async () => {
    const socket = await open();
    socket.write('GET / HTTP/1.0\r\n\r\n');
    const heard = await text(socket);
    expect(heard).toMatch(/hello/);
    return heard;
  });
  expect(served).toMatch(/^HTTP\/1\.1 200 /);
});

test('the times are such that a live stream is never taken for one that stalls, and proxies close first', () => {
  const PING = 15_000;
  const IDLE_AT_PROXIES = 60_000;
  expect(CONNECTION_LIMITS.stalled).toBeGreaterThan(2 * PING);
  expect(CONNECTION_LIMITS.idle).toBeGreaterThan(IDLE_AT_PROXIES);
});

test('asking for a tunnel and resetting the connection at once does the process no harm', async () => {
  const { server, open } = await serve();
  const uncaught = vi.fn<(error: Error) => void>();
  const before = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException').on('uncaughtException', uncaught);
  cleanUps.push(() => {
    process.removeAllListeners('uncaughtException');
    for (const listener of before) process.on('uncaughtException', listener);
  });
  for (let round = 0; round < 50; round += 1) {
    const socket = await open();
    const asked = once(server, 'connect');
    socket.write('CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n', () => socket.resetAndDestroy());
    await asked;
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(uncaught).not.toHaveBeenCalled();
});
