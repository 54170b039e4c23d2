import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { RequestHandler } from 'express';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AppServer, startAppServer, TEST_ASSET, TEST_PAGE } from '#testing/app-server.ts';
import { createTestLog, type TestLog } from '#testing/log.ts';
import { type AppOptions, createApp } from './http-app.ts';
import { listen } from './listen.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

const SOME_ID: unknown = expect.stringMatching(/^[\w-]{36}$/);
const SOME_TYPE: unknown = expect.stringMatching(/^(?:text\/(?:html|plain|javascript)|application\/json)/);

const nothing: RequestHandler = (_req, _res, next) => next();

/** The app with stand-ins for what it is made of. */
const serve = async (options: Partial<AppOptions> = {}): Promise<{ url: string; log: TestLog }> => {
  const log = createTestLog();
  const config = { mode: 'production', publicUrl: 'http://localhost:3000', trustProxy: false } as const;
  const stand = { isReady: async () => true, jwks: { keys: [] }, api: nothing, web: nothing };
  const app = createApp({ config, log: log.log, ...stand, ...options });
  const listener = await listen(createServer(app), { port: 0, hosts: ['127.0.0.1'] });
  cleanups.push(() => listener.close(0));
  return { url: `http://127.0.0.1:${listener.port}`, log };
};

describe('on every answer, whatever its status', () => {
  const paths: [number, string, RequestInit?][] = [
    [200, '/'],
    [200, '/healthz'],
    [200, '/readyz'],
    [200, '/assets/index-abc123.js'],
    [404, '/assets/missing.js'],
    [404, '/', { method: 'POST' }],
    [404, '/', { method: 'OPTIONS' }],
    [404, '/api/missing'],
    [404, '/%E0%A4%A.js'],
    [401, '/api/trpc/user.me'],
    [404, '/api/trpc/no.such'],
    [405, '/api/trpc/user.me', { method: 'PUT' }],
    [403, '/api/trpc/auth.refresh', { method: 'POST' }],
    [415, '/api/trpc/auth.refresh', { method: 'POST', headers: { 'x-latchkey': '1' } }],
  ];
  let server: AppServer;
  beforeEach(async () => {
    server = await startAppServer({ PUBLIC_URL: 'https://app.example.com' });
    cleanups.push(() => server.stop());
  });

  test.each(paths)('%i %s has its id and the security headers', async (status, path, init) => {
    const response = await fetch(`${server.url}${path}`, init);
    expect(response.status).toBe(status);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-security-policy':
        "default-src 'self';script-src 'self';style-src 'self';img-src 'self' data:;font-src 'self';connect-src 'self';object-src 'none';base-uri 'none';form-action 'self';frame-ancestors 'none'",
      'content-type': SOME_TYPE,
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'same-origin',
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'x-request-id': SOME_ID,
    });
    expect(response.headers.has('x-powered-by')).toBe(false);
  });
});

test('over http there is no HSTS', async () => {
  const { url } = await serve();
  expect((await fetch(`${url}/healthz`)).headers.has('strict-transport-security')).toBe(false);
});

test('the id of a trusted proxy is kept when it is well formed, and replaced when it is not', async () => {
  const config = { mode: 'production', publicUrl: 'http://localhost:3000', trustProxy: 1 } as const;
  const { url } = await serve({ config });
  const idFor = async (id: string, at = url) =>
    (await fetch(`${at}/healthz`, { headers: { 'x-request-id': id } })).headers.get('x-request-id');
  expect(await idFor('0af7651916cd43dd8448eb211c80319c')).toBe('0af7651916cd43dd8448eb211c80319c');
  for (const id of ['short', 'x'.repeat(65), 'with space', '{"level":"fatal"}']) {
    expect(await idFor(id)).toMatch(/^[\w-]{36}$/);
  }
  const alone = await serve();
  expect(await idFor('0af7651916cd43dd8448eb211c80319c', alone.url)).toMatch(/^[\w-]{36}$/);
});

test('whatever is not there under /api is a JSON 404, by every method and in every spelling', async () => {
  const server = await startAppServer();
  cleanups.push(() => server.stop());
  for (const path of [
    '/api',
    '/api/',
    '/api/x',
    '/api/index.html',
    '/API/trpc/user.me',
    '/api/TRPC/user.me',
    '/api/trpcx',
  ]) {
    for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS']) {
      const response = await fetch(`${server.url}${path}`, { method, headers: { accept: 'text/html' } });
      expect([path, response.status, await response.json()]).toEqual([
        path,
        404,
        { error: { message: 'There is nothing here.', data: { code: 'NOT_FOUND', httpStatus: 404 } } },
      ]);
    }
  }
});

describe('the built web app', () => {
  let server: AppServer;
  beforeEach(async () => {
    server = await startAppServer();
    cleanups.push(() => server.stop());
  });
  const load = (path: string, headers: Record<string, string> = { accept: 'text/html,*/*;q=0.8' }) =>
    fetch(`${server.url}${path}`, { headers });

  test.each(['/', '/sign-in', '/account/sessions', '/no/such/page', '/index.html'])(
    '%s is the page, never kept',
    async (path) => {
      const response = await load(path);
      expect(await response.text()).toBe(TEST_PAGE);
      expect(response.headers.get('cache-control')).toBe('no-cache');
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    },
  );

  test('a file with a hash in its name is kept for good, and comes compressed', async () => {
    const response = await load('/assets/index-abc123.js', { 'accept-encoding': 'gzip' });
    expect(await response.text()).toBe(TEST_ASSET);
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(response.headers.get('content-encoding')).toBe('gzip');
  });

  test('a file without one is kept for an hour', async () => {
    expect((await load('/favicon.svg')).headers.get('cache-control')).toBe('public, max-age=3600');
  });

  test.each(['/assets/index-old.js', '/assets/style.css', '/robots.txt', '/logo.png', '/..%2fpackage.json'])(
    '%s is not there, and is neither the page nor kept',
    async (path) => {
      const response = await load(path);
      expect(response.status).toBe(404);
      expect(await response.text()).not.toContain('<');
      expect(response.headers.get('cache-control')).toBe('no-store');
    },
  );

  test('what asks for JSON, or sends something, does not get the page', async () => {
    expect((await load('/sign-in', { accept: 'application/json' })).status).toBe(404);
    expect((await fetch(`${server.url}/sign-in`, { method: 'POST' })).status).toBe(404);
  });

  test('a page that did not change is not sent again', async () => {
    const etag = (await load('/')).headers.get('etag') ?? '';
    expect(
      (await load('/sign-in', { accept: 'text/html', 'cache-control': 'max-age=0', 'if-none-match': etag })).status,
    ).toBe(304);
  });
});

test('readyz says when this process cannot serve, and healthz does not care', async () => {
  const { url } = await serve({ isReady: async () => false });
  const response = await fetch(`${url}/readyz`);
  expect([response.status, await response.json()]).toEqual([503, { status: 'unavailable' }]);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

test('what throws is answered in words of our own, and logged under the id of the request', async () => {
  const failing: RequestHandler = () => {
    throw Object.assign(new Error('canary: select * from users'), { body: 'canary-body' });
  };
  const { url, log } = await serve({ api: failing, web: failing });

  const api = await fetch(`${url}/api/trpc/x`);
  const requestId = api.headers.get('x-request-id');
  expect([api.status, await api.json()]).toEqual([
    500,
    {
      error: {
        message: 'Something went wrong on our side.',
        code: -32603,
        data: { code: 'INTERNAL_SERVER_ERROR', httpStatus: 500, requestId },
      },
    },
  ]);
  const page = await fetch(`${url}/page`);
  expect(page.status).toBe(500);
  expect(await page.text()).not.toMatch(/canary|at .*\.ts/);

  expect(log.records().find((record) => record.requestId === requestId && record.level === 'error')).toMatchObject({
    err: { message: 'canary: select * from users' },
  });
  expect(log.text()).not.toContain('canary-body');
});

test('an answer that fails half-way is cut off, and does not look whole', async () => {
  const { url } = await serve({
    web: (_req, res) => {
      res.write('half');
      throw new Error('half-way');
    },
  });
  const reading = fetch(`${url}/`).then((response) => response.text());
  await expect(reading).rejects.toThrow('terminated');
});

test('the address of a client is what a trusted proxy says, and of nobody else', async () => {
  const tellAddress: RequestHandler = (req, res) => void res.json(req.ip);
  const addressWith = async (trustProxy: AppOptions['config']['trustProxy']): Promise<unknown> => {
    const config = { mode: 'production', publicUrl: 'http://localhost:3000', trustProxy } as const;
    const { url } = await serve({ config, web: tellAddress });
    const response = await fetch(`${url}/`, { headers: { 'x-forwarded-for': '203.0.113.9, 198.51.100.7' } });
    return response.json();
  };
  expect(await addressWith(false)).toBe('127.0.0.1');
  expect(await addressWith(1)).toBe('198.51.100.7');
  expect(await addressWith(['loopback', '198.51.100.0/24'])).toBe('203.0.113.9');
});

describe('the public keys', () => {
  test('are published for services that verify access tokens', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const { url } = await startAppServer({ ACCESS_TOKEN_SECRET: '', ACCESS_TOKEN_PRIVATE_KEY: pem }).then((server) => {
      cleanups.push(() => server.stop());
      return server;
    });
    const response = await fetch(`${url}/.well-known/jwks.json`);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(await response.json()).toEqual({
      keys: [expect.objectContaining({ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' })],
    });
  });

  test('are not there when access tokens are signed with a secret', async () => {
    const { url } = await serve();
    expect((await fetch(`${url}/.well-known/jwks.json`)).status).toBe(404);
  });
});
