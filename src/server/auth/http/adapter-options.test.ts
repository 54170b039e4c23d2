import { createServer } from 'node:http';
import { initTRPC, TRPCError } from '@trpc/server';
import { octetInputParser } from '@trpc/server/http';
import superjson from 'superjson';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod/v4';
import { createStore } from '#server/database/index.ts';
import { createTestAuth, type TestAuth } from '#testing/auth.ts';
import { HOSTS, startWireServer, type WireOptions, type WireServer } from '#testing/wire.ts';
import type { AuthContext } from '../context.ts';
import { coreRouters } from '../core-routers.ts';
import { STREAM_LIMITS } from '../gate/stream-limits.ts';
import { trpcOptions } from '../trpc/options.ts';
import {
  type ProcedureMeta,
  protectedProcedure as stackProtected,
  publicProcedure as stackPublic,
} from '../trpc/procedures.ts';
import { createNodeHandler } from './node.ts';

const t = initTRPC
  .context<AuthContext>()
  .meta<ProcedureMeta>()
  .create(trpcOptions({ transformer: superjson }));
const publicProcedure = t.procedure.concat(stackPublic);
const protectedProcedure = t.procedure.concat(stackProtected);

const form = z.instanceof(FormData);
const routes = t.router({
  ...coreRouters,
  ping: publicProcedure.query(() => 'pong'),
  secret: protectedProcedure.query(() => 42),
  echo: publicProcedure.input(z.object({ at: z.date() })).query(({ input }) => input.at),
  change: publicProcedure.mutation(() => 'changed'),
  fail: publicProcedure.query(() => {
    throw new TRPCError({ code: 'CONFLICT', message: 'Somebody was faster.' });
  }),
  cookie: publicProcedure.query(({ ctx }) => {
    ctx.cookies.set('ours', 'x', { path: '/', httpOnly: true, secure: true, sameSite: 'strict', maxAge: 1000 });
    return 'with a cookie';
  }),
  name: publicProcedure.input(form).mutation(({ input }) => input.get('name')),
  ticks: publicProcedure.subscription(async function* () {
    yield 'tick';
  }),
  feed: protectedProcedure.subscription(async function* () {
    yield 'tick';
  }),
  size: publicProcedure.input(octetInputParser).mutation(async ({ input }) => {
    let size = 0;
    const parts: AsyncIterable<Uint8Array> = input;
    for await (const part of parts) size += part.length;
    return size;
  }),
});

const get = { method: 'GET', headers: {} };
const LISTED = 'https://listed.example';
const JSON_HEADERS = { 'x-latchkey': '1', 'content-type': 'application/json' };

let kit: TestAuth;
let close: () => Promise<void>;
beforeAll(async () => {
  const database = createStore({ dataDir: 'memory:', poolSize: 1 });
  kit = await createTestAuth({ database }, { allowedOrigins: [LISTED] });
  close = () => database.close();
});
afterAll(async () => {
  await kit.stop();
  await close();
});

interface Told {
  path: string | undefined;
  code: string;
  type: string;
}

describe.each(HOSTS)('on %s', (host) => {
  const servers: WireServer[] = [];
  const serve = async (options: WireOptions = {}): Promise<WireServer> => {
    const server = await startWireServer(kit.auth, routes, { host, ...options });
    servers.push(server);
    return server;
  };
  let plain: WireServer;
  beforeAll(async () => {
    plain = await serve();
  });
  afterAll(async () => {
    for (const server of servers) await server.close();
  });

  const resultOf = async (response: Response): Promise<unknown> => {
    const body: { result: { data: { json: unknown } } } = await response.json();
    return body.result.data.json;
  };
  const errorOf = async (response: Response) => {
    const body: { error: { json: { data: { code: string; reason?: string } } } } = await response.json();
    return body.error.json.data;
  };

  describe('a refusal of the guard goes through the transformer', () => {
    test.each([
      [
        'a foreign origin',
        { ...JSON_HEADERS, origin: 'https://evil.example' },
        '{}',
        'FORBIDDEN',
        'origin_not_allowed',
      ],
      ['a large body', JSON_HEADERS, `"${'x'.repeat(100_000)}"`, 'PAYLOAD_TOO_LARGE', undefined],
      ['another type', { 'x-latchkey': '1', 'content-type': 'text/plain' }, 'x', 'UNSUPPORTED_MEDIA_TYPE', undefined],
    ])('%s', async (_what, headers, body, code, reason) => {
      expect(await errorOf(await plain.send('change', { headers, body }))).toMatchObject({
        code,
        ...(reason && { reason }),
      });
      const batch = await plain.send('change,change?batch=1', { headers, body });
      const errors: { error: { json: { data: object } } }[] = await batch.json();
      expect(errors.map(({ error }) => error.json.data)).toMatchObject([{ code }, { code }]);
    });
  });

  test('onError is told of every error, with its call where there is one', async () => {
    const told: Told[] = [];
    const server = await serve({
      onError: ({ error, path, type, req }) => {
        expect(req).toBeTypeOf('object');
        told.push({ path, code: error.code, type });
      },
    });
    await server.send('fail', get);
    await server.send('no.such', get);
    await server.send('ping', { method: 'PUT', headers: {} });
    await server.send('secret,secret?batch=1', get);
    expect(told).toEqual([
      { path: 'fail', code: 'CONFLICT', type: 'query' },
      { path: 'no.such', code: 'NOT_FOUND', type: 'unknown' },
      { path: undefined, code: 'METHOD_NOT_SUPPORTED', type: 'unknown' },
      { path: 'secret', code: 'UNAUTHORIZED', type: 'query' },
      { path: 'secret', code: 'UNAUTHORIZED', type: 'query' },
    ]);
  });

  test('a batch can be forbidden, or held to fewer calls', async () => {
    const alone = await serve({ allowBatching: false });
    expect((await errorOf(await alone.send('ping,ping?batch=1', get))).code).toBe('BAD_REQUEST');
    expect(await resultOf(await alone.send('ping', get))).toBe('pong');
    const pairs = await serve({ maxBatchSize: 2 });
    expect((await pairs.send('ping,ping?batch=1', get)).status).toBe(200);
    expect((await errorOf(await pairs.send('ping,ping,ping?batch=1', get))).code).toBe('BAD_REQUEST');
  });

  test.each([0, 21, 1.5, Number.NaN])('a batch of at most %d is refused at the start', async (maxBatchSize) => {
    await expect(serve({ maxBatchSize })).rejects.toThrow('maxBatchSize must be from 1 to 20');
  });

  test('a query may come by POST, as it must for a large input, unless the app forbids it', async () => {
    const body = JSON.stringify(superjson.serialize({ at: new Date(0) }));
    const request = { headers: JSON_HEADERS, body };
    expect(await resultOf(await plain.send('echo', request))).toBe('1970-01-01T00:00:00.000Z');
    const strict = await serve({ allowMethodOverride: false });
    expect((await strict.send('echo', request)).status).toBe(405);
    expect((await plain.send('change', get)).status).toBe(405);
  });

  test('a query by POST is asked for its origin like any POST', async () => {
    const headers = { 'content-type': 'application/json', 'sec-fetch-site': 'cross-site' };
    expect((await errorOf(await plain.send('ping', { headers, body: '{}' }))).reason).toBe('origin_not_allowed');
  });

  test('responseMeta chooses a status and adds headers, beside our cookies and Vary', async () => {
    const server = await serve({
      responseMeta: ({ data, errors, type, info }) => ({
        status: 218,
        headers: {
          'x-seen': `${data.length} ${errors.length} ${type} ${info?.calls.map(({ path }) => path).join(',')}`,
          'set-cookie': ['app=1', 'app2=2'],
          vary: 'x-tenant',
        },
      }),
    });
    const response = await server.send('cookie,fail?batch=1', { method: 'GET', headers: { origin: LISTED } });
    expect(response.status).toBe(218);
    expect(response.headers.get('x-seen')).toBe('2 1 query cookie,fail');
    expect(response.headers.getSetCookie().map((line) => line.split(';', 1)[0])).toEqual(['ours=x', 'app=1', 'app2=2']);
    expect(response.headers.get('vary')).toBe('Origin, trpc-accept, accept, x-tenant');
    await response.text();
    const streamed = { 'trpc-accept': 'application/jsonl' };
    const stream = await server.send('ping,fail?batch=1', { method: 'GET', headers: streamed });
    expect([stream.status, stream.headers.get('x-seen')]).toEqual([218, '0 0 query ping,fail']);
    expect(stream.headers.getSetCookie()).toEqual(['app=1', 'app2=2']);
    expect(stream.headers.get('vary')).toBe('Origin, trpc-accept, accept, x-tenant');
    await stream.text();
  });

  test('responseMeta may let an answer be kept that is nobody’s, and no other', async () => {
    const headers = new Headers({ 'cache-control': 's-maxage=60' });
    const server = await serve({ responseMeta: () => ({ headers }) });
    const cacheControlOf = async (path: string, sent: Record<string, string> = {}): Promise<string | null> => {
      const response = await server.send(path, { method: 'GET', headers: sent });
      await response.text();
      return response.headers.get('cache-control');
    };
    expect(await cacheControlOf('ping')).toBe('s-maxage=60');
    expect(await cacheControlOf('ping', { authorization: 'Bearer x' })).toBe('no-store');
    expect(await cacheControlOf('cookie')).toBe('no-store');
  });

  test('responseMeta may choose a status that has no body', async () => {
    const server = await serve({ responseMeta: () => ({ status: 304 }) });
    for (const path of ['ping', 'ticks']) {
      const response = await server.send(path, get);
      expect([path, response.status, await response.text()]).toEqual([path, 304, '']);
    }
  });

  test('a responseMeta that fails, or gives what is no status, is an unexpected error like any other', async () => {
    const responseMetas = [
      () => ({ status: 1000 }),
      () => {
        throw new Error('canary');
      },
    ];
    for (const responseMeta of responseMetas) {
      const told: unknown[] = [];
      const server = await serve({ responseMeta, onUnexpectedError: (error) => told.push(error) });
      for (const path of ['ping', 'ticks', 'ping?batch=1']) {
        const headers = { 'trpc-accept': path.includes('batch') ? 'application/jsonl' : 'application/json' };
        const response = await server.send(path, { method: 'GET', headers });
        const text = await response.text();
        expect([path, response.status, text]).toEqual([path, 500, expect.stringContaining('INTERNAL_SERVER_ERROR')]);
        expect(text).not.toContain('canary');
      }
      expect(told.length).toBeGreaterThanOrEqual(3);
    }
  });

  test('maxBodyBytes bounds a body', async () => {
    const server = await serve({ maxBodyBytes: 10 });
    expect((await server.send('change', { headers: JSON_HEADERS, body: '{"a":"b"}' })).status).toBe(200);
    expect((await server.send('change', { headers: JSON_HEADERS, body: '{"a":"bcd"}' })).status).toBe(413);
    await expect(serve({ maxBodyBytes: 0 })).rejects.toThrow('maxBodyBytes');
  });

  describe('uploads', () => {
    const post = (server: WireServer, path: string, body: BodyInit, headers: Record<string, string> = {}) =>
      fetch(`${server.url}/api/trpc/${path}`, { method: 'POST', body, headers: { 'x-latchkey': '1', ...headers } });
    const named = (value: string): FormData => {
      const data = new FormData();
      data.set('name', value);
      return data;
    };
    const OCTETS = { 'content-type': 'application/octet-stream' };
    let uploading: WireServer;
    beforeAll(async () => {
      uploading = await serve({ uploads: { maxBytes: 200_000 } });
    });

    test('are refused unless the app takes them', async () => {
      expect((await post(plain, 'name', named('ada'))).status).toBe(415);
      expect((await post(plain, 'size', 'x', OCTETS)).status).toBe(415);
    });

    test('come as a form, or as a stream of bytes', async () => {
      expect(await resultOf(await post(uploading, 'name', named('ada')))).toBe('ada');
      expect(await resultOf(await post(uploading, 'size', 'x'.repeat(150_000), OCTETS))).toBe(150_000);
      expect((await post(uploading, 'change', named('ada'))).status).toBe(200);
    });

    test('have a bound of their own, or that of any body', async () => {
      expect((await post(uploading, 'size', 'x'.repeat(200_001), OCTETS)).status).toBe(413);
      const small = await serve({ uploads: true, maxBodyBytes: 10 });
      expect((await post(small, 'size', 'x'.repeat(11), OCTETS)).status).toBe(413);
    });

    test.each(['auth.refresh', 'auth.logout', 'auth%2Elogout', 'x/auth.logout', 'auth.logout?batch=1'])(
      'never reach what reads or writes cookies: %s',
      async (path) => {
        expect((await post(uploading, path, named('ada'))).status).toBe(415);
        expect((await post(uploading, path, 'x', OCTETS)).status).toBe(415);
      },
    );

    test('of another site’s form change nothing', async () => {
      const crossSite = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
      expect((await errorOf(await post(uploading, 'name', named('ada'), crossSite))).reason).toBe('origin_not_allowed');
    });

    test('to a subscription are refused, and take no place among the streams', async () => {
      const browser = kit.openBrowser();
      await browser.register(`streams_${host}`);
      const authorization = `Bearer ${browser.accessToken}`;
      for (let place = 0; place <= STREAM_LIMITS.session; place += 1) {
        expect((await post(uploading, 'feed', named('ada'), { authorization })).status).toBe(415);
      }
      const stream = await uploading.send('feed', { method: 'GET', headers: { authorization } });
      expect(await stream.text()).toContain('tick');
    });

    test('that are broken are the sender’s fault', async () => {
      const headers = { 'content-type': 'multipart/form-data; boundary=x' };
      expect((await errorOf(await post(uploading, 'name', 'no form', headers))).code).toBe('BAD_REQUEST');
    });

    test.each([
      ['parts', `--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n`.repeat(1001)],
      ['headers', `--x\r\ncontent-disposition: form-data; name="a"\r\n${'a: b\r\n'.repeat(11_000)}\r\n1\r\n`],
      ['headers that never end', `--x\r\ncontent-disposition: form-data; name="a"\r\n${'a: b\r\n'.repeat(11_000)}`],
    ])('of a great many %s are refused, since reading them would keep the process', async (_what, body) => {
      for (const boundary of ['x', '"x"', 'x; charset=utf-8']) {
        const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` };
        const response = await post(uploading, 'name', `${body}--x--`, headers);
        expect((await errorOf(response)).code).toBe('PAYLOAD_TOO_LARGE');
      }
    });

    test('are no batch and no stream', async () => {
      const streamed = { 'trpc-accept': 'application/jsonl' };
      expect(await resultOf(await post(uploading, 'name', named('ada'), streamed))).toBe('ada');
      expect((await post(uploading, 'name,name?batch=1', named('ada'))).status).toBe(404);
    });
  });
});

test('a body that a parser has read and left nowhere is told to the operator, and never taken for none', async () => {
  const told: unknown[] = [];
  const handle = createNodeHandler({ auth: kit.auth, router: routes, onUnexpectedError: (error) => told.push(error) });
  const server = createServer((req, res) => {
    req.resume().once('end', () => void handle(req, res));
  }).listen(0, '127.0.0.1');
  await vi.waitFor(() => expect(server.listening).toBe(true));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const response = await fetch(`http://127.0.0.1:${port}/change`, {
    method: 'POST',
    headers: JSON_HEADERS,
    body: '{}',
  });
  expect(response.status).toBe(500);
  expect(String(told)).toContain('Mount the handler before the parser');
  server.close();
});
