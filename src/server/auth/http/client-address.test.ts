import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import express from 'express';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createStore } from '#server/database/index.ts';
import { createTestAuth, type TestAuth } from '#testing/auth.ts';
import { connectionAddress, createFetchServer } from '#testing/fetch-server.ts';
import { coreRouters } from '../core-routers.ts';
import { publicProcedure, router } from '../trpc/procedures.ts';
import { createExpressHandler } from './express.ts';
import { createFetchHandler } from './fetch.ts';
import { createNodeHandler } from './node.ts';

const routes = router({ ...coreRouters, address: publicProcedure.query(({ ctx }) => ctx.request.address) });

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
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

type Trust = boolean | number | string | readonly string[];

const onExpress = (trust: Trust): RequestListener => {
  const app = express();
  app.set('trust proxy', trust);
  app.use(createExpressHandler({ auth: kit.auth, router: routes }));
  return app;
};
const onNode = (trust: Trust): RequestListener => {
  const handle = createNodeHandler({ auth: kit.auth, router: routes, trustProxy: trust });
  return (req, res) => void handle(req, res);
};

/** Which address a server sees in a request with this header. The connection itself comes from 127.0.0.1. */
const addressAt = async (server: Server, forwarded: string | undefined): Promise<unknown> => {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  const headers = { connection: 'close', ...(forwarded !== undefined && { 'x-forwarded-for': forwarded }) };
  const response = await fetch(`http://127.0.0.1:${address.port}/address`, { headers });
  const body: { result: { data: unknown } } = await response.json();
  return body.result.data;
};

describe.each([
  ['Express', onExpress],
  ['node:http', onNode],
])('on %s', (_name, listenerOf) => {
  const addressOf = (forwarded: string | undefined, trust: Trust = 'loopback'): Promise<unknown> =>
    addressAt(createServer(listenerOf(trust)), forwarded);

  test.each([
    ['203.0.113.9', '203.0.113.9'],
    ['203.0.113.9:5678', '203.0.113.9'],
    ['2001:db8::1', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8::1]:80', '2001:db8::1'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['[::ffff:203.0.113.9]:443', '203.0.113.9'],
    ['198.51.100.7:1, 203.0.113.9:2', '203.0.113.9'],
    [' 203.0.113.9:5678 ', '203.0.113.9'],
  ])('a trusted proxy says %s, and means %s', async (forwarded, address) => {
    expect(await addressOf(forwarded)).toBe(address);
  });

  test('a proxy of the chain is trusted with its port as well', async () => {
    const trust = ['loopback', '198.51.100.0/24'];
    expect(await addressOf('203.0.113.9:1234, 198.51.100.7:443', trust)).toBe('203.0.113.9');
    expect(await addressOf('203.0.113.9:1234, 198.51.100.7:443', trust.join(', '))).toBe('203.0.113.9');
    expect(await addressOf('192.0.2.1, 203.0.113.9:1234, 198.51.100.7:443', 2)).toBe('203.0.113.9');
    expect(await addressOf('192.0.2.1, 198.51.100.7', true)).toBe('192.0.2.1');
  });

  test.each(['unknown', '_hidden', '203.0.113', '203.0.113.9:', '[', '[]:80', '203.0.113.9.5:80', 'x'.repeat(1000)])(
    '“%s” is no address',
    async (forwarded) => {
      expect(await addressOf(forwarded)).toBeNull();
    },
  );

  test('the header of an untrusted proxy changes nothing', async () => {
    expect(await addressOf('203.0.113.9:5678', false)).toBe('127.0.0.1');
    expect(await addressOf(undefined)).toBe('127.0.0.1');
  });
});

describe('over the fetch standard', () => {
  const addressOf = (address?: (request: Request) => string | null | undefined): Promise<unknown> =>
    addressAt(
      createFetchServer(createFetchHandler({ auth: kit.auth, router: routes, ...(address && { address }) })),
      '203.0.113.9',
    );

  test('the address is what the app says, if it is one', async () => {
    expect(await addressOf(connectionAddress)).toBe('127.0.0.1');
    expect(await addressOf((request) => request.headers.get('x-forwarded-for'))).toBe('203.0.113.9');
    expect(await addressOf(() => '[2001:db8::1]:80')).toBe('2001:db8::1');
    expect(await addressOf(() => 'unknown')).toBeNull();
  });

  test('without it no header is believed', async () => {
    expect(await addressOf()).toBeNull();
  });
});

test('what a runtime tells beside the request is passed on to whom it concerns', async () => {
  const waiting: [string, Promise<void>][] = [];
  const handle = createFetchHandler({
    auth: kit.auth,
    router: routes,
    address: (_request, { ip }: { ip: string }) => ip,
    waitUntil: (promise, _request, { ip }: { ip: string }) => void waiting.push([ip, promise]),
  });
  const response = await handle(new Request('http://localhost/address'), { ip: '203.0.113.9' });
  expect(await response.json()).toEqual({ result: { data: '203.0.113.9' } });
  expect(waiting).toEqual([['203.0.113.9', expect.any(Promise)]]);
  await waiting[0]?.[1];
});
