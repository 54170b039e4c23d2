import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { cookieNames } from 'latchkey/shared';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod/v4';
import { type AppServer, startAppServer } from '#testing/app-server.ts';
import { eachStore } from '#testing/each-store.ts';
import { createTestDatabase } from '#testing/test-database.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

const start = async (env: NodeJS.ProcessEnv = {}): Promise<AppServer> => {
  const server = await startAppServer(env);
  cleanups.push(() => server.stop());
  return server;
};

const SOME_TEXT: unknown = expect.any(String);
const SOME_NUMBER: unknown = expect.any(Number);
const JSON_HEADERS = { 'x-latchkey': '1', 'content-type': 'application/json' };

const mutate = (url: string, procedure: string, input?: unknown, headers: Record<string, string> = {}) =>
  fetch(`${url}/api/trpc/${procedure}`, {
    method: 'POST',
    headers: { ...JSON_HEADERS, ...headers },
    ...(input !== undefined && { body: JSON.stringify(input) }),
  });

const grantSchema = z.object({ result: z.object({ data: z.object({ accessToken: z.string() }) }) });
const accessTokenOf = async (response: Response): Promise<string> =>
  grantSchema.parse(await response.json()).result.data.accessToken;

const ada = { username: 'ada', email: 'ada@mail.example', password: 'canary-password-of-ada' };

const locationOf = async (dialect: string): Promise<NodeJS.ProcessEnv> => {
  if (dialect === 'sqlite') return {};
  const { url, drop } = await createTestDatabase();
  cleanups.push(drop);
  return { DATABASE_URL: url };
};

describe.each(eachStore)('the whole server on $dialect', ({ dialect }) => {
  test('is ready, registers somebody, and keeps their notes', async () => {
    const { url } = await start(await locationOf(dialect));
    expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ status: 'ready' });
    const authorization = `Bearer ${await accessTokenOf(await mutate(url, 'auth.register', ada))}`;
    expect((await mutate(url, 'notes.create', { text: 'first' }, { authorization })).status).toBe(200);
    const list = await fetch(`${url}/api/trpc/notes.list`, { headers: { authorization } });
    expect(await list.json()).toMatchObject({ result: { data: { notes: [{ text: 'first' }], nextCursor: null } } });
    expect(list.headers.get('cache-control')).toBe('no-store');
  });
});

test('writes one record a request, with what was called, how it ended and who called', async () => {
  const { url, log } = await start({ TRUST_PROXY: 'loopback' });
  const registered = await mutate(url, 'auth.register', ada);
  const authorization = `Bearer ${await accessTokenOf(registered)}`;
  await fetch(`${url}/api/trpc/user.me,notes.list?batch=1&input=${encodeURIComponent('{"1":{"limit":0}}')}`, {
    headers: { authorization, 'x-request-id': 'from-the-proxy' },
  });
  await fetch(`${url}/api/trpc/user.me`);
  await fetch(`${url}/nothing.js?secret=canary`);

  await expect.poll(() => log.records().filter(({ msg }) => msg === 'request').length).toBe(4);
  const requests = log.records().filter(({ msg }) => msg === 'request');
  const common = { level: 'info', time: SOME_TEXT, msg: 'request', durationMs: SOME_NUMBER };
  const userId: unknown = expect.stringMatching(/^[\w-]{36}$/);
  expect(requests).toEqual([
    {
      ...common,
      requestId: registered.headers.get('x-request-id'),
      method: 'POST',
      path: '/api/trpc/auth.register',
      procedures: ['auth.register'],
      status: 200,
      userId,
    },
    {
      ...common,
      requestId: 'from-the-proxy',
      method: 'GET',
      path: '/api/trpc/user.me,notes.list',
      procedures: ['user.me', 'notes.list'],
      status: 207,
      reasons: ['BAD_REQUEST'],
      userId,
    },
    {
      ...common,
      requestId: SOME_TEXT,
      method: 'GET',
      path: '/api/trpc/user.me',
      procedures: ['user.me'],
      status: 401,
      reasons: ['access_token_missing'],
    },
    { ...common, requestId: SOME_TEXT, method: 'GET', path: '/nothing.js', status: 404 },
  ]);
});

test('writes authentication events as records of their own, under the id of their request', async () => {
  const { url, log } = await start();
  const registered = await mutate(url, 'auth.register', ada);
  const refused = await mutate(url, 'auth.login', { username: 'ada', password: 'wrong password' });
  const events = log.records().filter(({ event }) => event !== undefined);
  expect(events).toMatchObject([
    { event: 'account.registered', requestId: registered.headers.get('x-request-id') },
    { event: 'login.refused', reason: 'invalid_credentials', requestId: refused.headers.get('x-request-id') },
  ]);
});

test('writes one line for a batch of twenty that is refused, beside that of its request', async () => {
  const { url, log } = await start();
  const before = log.text().length;
  const batch = Array.from({ length: 20 }, () => 'notes.list').join(',');
  await fetch(`${url}/api/trpc/${batch}?batch=1`, { headers: { 'user-agent': '"'.repeat(512) } });
  await expect.poll(() => log.records().some(({ msg }) => msg === 'request')).toBe(true);
  expect(log.records().filter(({ event }) => event === 'access.refused')).toMatchObject([
    { reason: 'access_token_missing', procedure: 'notes.list', calls: 20 },
  ]);
  expect(log.text().length - before).toBeLessThan(3_000);
});

test('never logs a token, a cookie or a password, whatever path fails', async () => {
  const { url, log, config } = await start();
  const { refresh } = cookieNames(new URL(config.publicUrl));
  const registered = await mutate(url, 'auth.register', ada);
  const token = await accessTokenOf(registered);
  const cookie = registered.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0])
    .join('; ');
  const bearer = { authorization: `Bearer ${token}`, cookie };
  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    fetch(`${url}${path}`, { method: 'POST', headers: { ...JSON_HEADERS, ...headers }, body });
  const input = encodeURIComponent(JSON.stringify({ password: 'canary-query' }));

  const requests: (() => Promise<Response>)[] = [
    () => mutate(url, 'auth.login', { username: 'ada', password: 'canary-wrong' }),
    () => mutate(url, 'auth.login', { username: 'ada', password: 'canary-extra', also: 'canary-key' }),
    () => mutate(url, 'auth.register', { ...ada, email: 'canary-mail', password: 'canary' }),
    () => mutate(url, 'auth.refresh', undefined, bearer),
    () => mutate(url, 'auth.refresh', undefined, { cookie: `${cookie}; ${refresh}=canary-duplicate` }),
    () => mutate(url, 'auth.refresh', undefined, { cookie: `${refresh}=canary-garbage` }),
    () => mutate(url, 'user.me', undefined, bearer),
    () => mutate(url, 'sessions.revoke', { id: 'canary-session' }, bearer),
    () => fetch(`${url}/api/trpc/user.me`, { headers: { authorization: 'Bearer canary.bearer.value' } }),
    () => fetch(`${url}/api/trpc/notes.list?input=${input}`, { headers: bearer }),
    () => fetch(`${url}/api/trpc/user.me?access_token=${token}`),
    () => fetch(`${url}/api/trpc/${token}`),
    () => fetch(`${url}/${token}`),
    () => fetch(`${url}/%E0%A4%A?token=${token}`),
    () => fetch(`${url}/api/nothing?token=${token}`, { headers: bearer }),
    () => post('/api/trpc/auth.login', '{"username":"ada","password":"canary-cut'),
    () => post('/api/trpc/auth.login', 'password=canary-form', { 'content-type': 'application/x-www-form-urlencoded' }),
    () => post('/api/trpc/auth.login', JSON.stringify({ password: 'canary-big'.repeat(20_000) })),
    () => post('/api/trpc/auth.login,auth.login?batch=1', '{"0":{"password":"canary-batch"}}'),
    () => post('/sign-in', 'canary-page', bearer),
    () => mutate(url, 'auth.logout', undefined, { ...bearer, 'x-request-id': `canary ${token}` }),
  ];
  for (const send of requests) await (await send()).text();

  await expect.poll(() => log.records().filter(({ msg }) => msg === 'request').length).toBe(requests.length + 1);
  const text = log.text();
  expect(text).not.toMatch(/canary/i);
  expect(text).not.toContain('eyJ');
  for (const secret of [token, ...cookie.split('; ').map((pair) => pair.split('=')[1] ?? '')]) {
    // Neither whole nor in part: the last third of a token is its signature.
    expect(text).not.toContain(secret);
    expect(text).not.toContain(secret.slice(-20));
  }
});

test('lets a request that runs finish when it stops, and only then closes the store', async () => {
  const server = await start();
  const body = JSON.stringify(ada);
  const running = request(`${server.url}/api/trpc/auth.register`, {
    method: 'POST',
    headers: { ...JSON_HEADERS, 'content-length': body.length, expect: '100-continue' },
  });
  const status = new Promise<unknown[]>((resolve, reject) => {
    running.on('error', reject);
    running.on('response', (response) => {
      json(response).then((answer) => resolve([response.statusCode, answer]), reject);
    });
  });
  // The server has the head by now, and waits for the body.
  await new Promise((resolve) => running.once('continue', resolve));
  const stopped = server.stop();
  running.end(body);
  expect(await status).toMatchObject([200, { result: { data: { user: { username: 'ada' } } } }]);
  await stopped;
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow('fetch failed');
});

test('sends everybody elsewhere before it stops: it is not ready, each answer ends its connection, and all else goes on', async () => {
  const server = await start();
  let drain = (): void => {};
  const stopped = server.stop({
    drained: new Promise<void>((resolve) => {
      drain = resolve;
    }),
  });
  const answers = await Promise.all(
    ['/readyz', '/healthz', '/', '/api/trpc/user.me'].map(async (path) => {
      const { status, headers } = await fetch(`${server.url}${path}`);
      return [path, status, headers.get('connection')];
    }),
  );
  expect(answers).toEqual([
    ['/readyz', 503, 'close'],
    ['/healthz', 200, 'close'],
    ['/', 200, 'close'],
    ['/api/trpc/user.me', 401, 'close'],
  ]);
  drain();
  await stopped;
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow('fetch failed');
});

test('a second server on the same data directory is refused, until the first has stopped', async () => {
  const DATA_DIR = mkdtempSync(join(tmpdir(), 'latchkey-test-'));
  cleanups.push(() => rmSync(DATA_DIR, { recursive: true, force: true }));
  const first = await start({ DATA_DIR });
  await expect(start({ DATA_DIR })).rejects.toThrow(/^Another server \(process \d+\) runs on/);
  expect((await fetch(`${first.url}/readyz`)).status).toBe(200);
  await first.stop();
  const second = await start({ DATA_DIR });
  expect((await fetch(`${second.url}/readyz`)).status).toBe(200);
});

test('a start that fails half-way leaves nothing open', async () => {
  const DATA_DIR = mkdtempSync(join(tmpdir(), 'latchkey-test-'));
  cleanups.push(() => rmSync(DATA_DIR, { recursive: true, force: true }));
  await expect(start({ DATA_DIR, DATABASE_URL: 'postgres://someone@127.0.0.1:1/nothing' })).rejects.toThrow(
    'does not answer',
  );
  await start({ DATA_DIR });
});
