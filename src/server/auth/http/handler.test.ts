import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { observable } from '@trpc/server/observable';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod/v4';
import { createTestAuth, TEST_PASSWORD, type TestAuth } from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import { HOSTS, startWireServer, type WireServer } from '#testing/wire.ts';
import { coreRouters } from '../core-routers.ts';
import { passwordRouters } from '../features/passwords/index.ts';
import { createCallerFactory, protectedProcedure, publicProcedure, router } from '../trpc/procedures.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const LISTED = 'https://listed.example';

/** How many resolvers of the stream `watch` run. */
let watching = 0;

let onOutlive = (_hasGone: () => boolean): void => {};

const nested = router({ claims: coreRouters.auth.claims });
const testRouter = router({
  ...coreRouters,
  auth: { ...coreRouters.auth, ...passwordRouters.auth },
  echo: publicProcedure.input(z.strictObject({ text: z.string().max(10) })).mutation(({ input }) => input.text),
  ping: publicProcedure.query(() => 'pong'),
  boom: publicProcedure.query(() => {
    throw new Error('secret words of a library');
  }),
  nested: publicProcedure.query(({ ctx }) => createCallerFactory(nested)(ctx).claims()),
  outlive: publicProcedure.query(({ ctx }) => {
    onOutlive(() => ctx.request.isDisconnected());
    return new Promise<never>(() => {});
  }),
  watch: protectedProcedure.subscription(async function* ({ signal }) {
    watching += 1;
    try {
      yield 'watching';
      await new Promise((resolve) => signal?.addEventListener('abort', resolve));
    } finally {
      watching -= 1;
    }
  }),
  // oxlint-disable-next-line typescript/no-deprecated -- as long as tRPC takes them, they end with the session too
  watchOld: protectedProcedure.subscription(() =>
    observable<string>((observer) => {
      watching += 1;
      observer.next('watching');
      return () => {
        watching -= 1;
      };
    }),
  ),
  ticks: publicProcedure.subscription(async function* () {
    yield 'tick';
  }),
  secret: protectedProcedure.query(() => 42),
});

interface ErrorBody {
  error: { message: string; code: number; data: Record<string, unknown> };
}

let store: TestStore;
let kit: TestAuth;

beforeAll(async () => {
  const [sqlite] = eachStore;
  if (sqlite === undefined) throw new Error('There is no store.');
  store = await sqlite.open();
  kit = await createTestAuth(store, { allowedOrigins: [LISTED] });
});
afterAll(async () => {
  await kit.stop();
  await store.remove();
});

let count = 0;
const errorIn = async (response: Response): Promise<ErrorBody['error']> => {
  const body: ErrorBody = await response.json();
  return body.error;
};
const reasonIn = async (response: Response) => (await errorIn(response)).data.reason;

describe.each(HOSTS)('on %s', (host) => {
  let server: WireServer;
  beforeAll(async () => {
    server = await startWireServer(kit.auth, testRouter, { host });
  });
  afterAll(() => server.close());

  const register = async () => {
    const username = `wire_${(count += 1)}`;
    const response = await server.mutate('auth.register', {
      username,
      email: `${username}@mail.example`,
      password: TEST_PASSWORD,
    });
    const setCookies = response.headers.getSetCookie();
    const body: { result: { data: { accessToken: string } } } = await response.json();
    const cookie = setCookies.map((line) => line.split(';', 1)[0]).join('; ');
    return { username, setCookies, cookie, body, accessToken: body.result.data.accessToken };
  };

  describe('cookies', () => {
    test('carry every attribute, and the refresh token travels in Set-Cookie alone', async () => {
      const { setCookies, body } = await register();
      const [refresh = '', hint = '', fresh = '', device = ''] = setCookies;
      expect(refresh).toMatch(
        /^__Host-refresh=[\w.-]+; Max-Age=604800; Path=\/; Expires=[^;]+; HttpOnly; Secure; SameSite=Strict$/,
      );
      expect(hint).toMatch(
        /^__Host-session_hint=[\w-]{12}; Max-Age=604800; Path=\/; Expires=[^;]+; Secure; SameSite=Strict$/,
      );
      expect(fresh).toMatch(
        /^__Host-fresh=[\w-]{43}; Max-Age=3600; Path=\/; Expires=[^;]+; HttpOnly; Secure; SameSite=Strict$/,
      );
      expect(device).toMatch(
        /^__Host-device=[\w-]{43}; Max-Age=34560000; Path=\/; Expires=[^;]+; HttpOnly; Secure; SameSite=Strict$/,
      );
      expect(setCookies).toHaveLength(4);
      expect(JSON.stringify(body)).not.toContain(refresh.split(/[=;]/)[1]);
      expect(refresh.length).toBeLessThan(4096);
    });

    test('are cleared by a logout with the same attributes, but for the device', async () => {
      const { cookie } = await register();
      const response = await server.mutate('auth.logout', undefined, { cookie });
      expect(await response.json()).toEqual({ result: { data: { ok: true } } });
      const cleared = response.headers.getSetCookie();
      expect(cleared).toHaveLength(3);
      for (const line of cleared)
        expect(line).toMatch(/=; Max-Age=0; Path=\/; Expires=[^;]+;( HttpOnly;)? Secure; SameSite=Strict$/);
    });

    test('are written by no refusal of a refresh, whatever its reason', async () => {
      const { cookie } = await register();
      await server.mutate('auth.logout', undefined, { cookie });
      for (const sent of [
        cookie,
        '',
        '__Host-refresh=garbage',
        `${cookie}; __Host-refresh=twice`,
        '__Host-refresh=j:{"a":1}',
      ]) {
        const response = await server.mutate('auth.refresh', undefined, { cookie: sent });
        expect(response.ok).toBe(false);
        expect(response.headers.getSetCookie()).toEqual([]);
      }
    });

    test('of look-alike names are not read', async () => {
      const { cookie } = await register();
      const token = cookie.split('; ')[0]?.split('=')[1] ?? '';
      for (const name of ['refresh', '__host-refresh', '__Host-refresh2', ' __Secure-refresh', '__Host-Refresh']) {
        expect(await reasonIn(await server.mutate('auth.refresh', undefined, { cookie: `${name}=${token}` }))).toBe(
          'refresh_token_missing',
        );
      }
    });
  });

  describe('the guard', () => {
    const form = { method: 'POST', body: 'a=1' };

    test.each([
      ['same-origin', undefined, 200],
      ['same-origin', 'https://app.example', 200],
      ['same-origin', 'https://evil.example', 403],
      ['same-site', 'https://app.example', 403],
      ['same-site', LISTED, 200],
      ['cross-site', 'https://evil.example', 403],
      ['cross-site', LISTED, 200],
      ['cross-site', undefined, 403],
      ['none', undefined, 403],
      ['none', 'https://app.example', 403],
      ['same-origin, same-origin', undefined, 403],
      ['Same-Origin', undefined, 403],
      [undefined, 'https://app.example', 200],
      [undefined, LISTED, 200],
      [undefined, 'https://app.example:443', 403],
      [undefined, 'https://app.example.evil.example', 403],
      [undefined, 'http://app.example', 403],
      [undefined, 'https://APP.example', 403],
      [undefined, 'https://app.example, https://app.example', 403],
      [undefined, 'null', 403],
      [undefined, undefined, 403],
    ])('judges Sec-Fetch-Site %s with Origin %s', async (site, origin, status) => {
      const headers = { ...JSON_TYPE, ...(site && { 'sec-fetch-site': site }), ...(origin && { origin }) };
      const response = await server.send('echo', { headers, body: '{"text":"hi"}' });
      expect(response.status).toBe(status);
      if (status === 403) expect(await reasonIn(response)).toBe('origin_not_allowed');
      const allowed = response.headers.get('access-control-allow-origin');
      expect(allowed).toBe(origin === LISTED ? LISTED : null);
      expect(response.headers.get('vary')).toContain('Origin');
    });

    test('takes a client that is no browser by its header', async () => {
      expect((await server.mutate('echo', { text: 'hi' })).status).toBe(200);
    });

    test('answers a preflight of a listed origin, and tells any other nothing', async () => {
      const preflight = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' };
      const listed = await server.send('auth.login', { method: 'OPTIONS', headers: { origin: LISTED, ...preflight } });
      expect(listed.status).toBe(204);
      expect(listed.headers.get('access-control-allow-origin')).toBe(LISTED);
      expect(listed.headers.get('access-control-allow-credentials')).toBe('true');
      expect(listed.headers.get('access-control-allow-headers')).toContain('content-type');
      const other = await server.send('auth.login', {
        method: 'OPTIONS',
        headers: { origin: 'https://evil.example', ...preflight },
      });
      expect([...other.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    });

    test('lets a listed origin send our headers, those of tracing and those that the app lists', async () => {
      const own = ['authorization', 'content-type', 'last-event-id', 'trpc-accept', 'x-latchkey', 'x-request-id'];
      const tracing = ['traceparent', 'tracestate', 'baggage', 'sentry-trace'];
      const allowedBy = async ({ url }: WireServer): Promise<string[]> => {
        const headers = { origin: LISTED, 'access-control-request-method': 'POST' };
        const preflight = await fetch(`${url}/api/trpc/echo`, { method: 'OPTIONS', headers });
        return preflight.headers.get('access-control-allow-headers')?.split(', ') ?? [];
      };
      expect((await allowedBy(server)).toSorted()).toEqual([...own, ...tracing].toSorted());

      const listing = await startWireServer(kit.auth, testRouter, { host, allowedHeaders: ['X-Tenant', 'Baggage'] });
      expect((await allowedBy(listing)).toSorted()).toEqual([...own, ...tracing, 'x-tenant'].toSorted());
      await listing.close();
    });

    test.each(['*', '', 'x tenant', 'x-tenant, x-other', 'x:y', 'x\r\ny'])(
      'takes no "%s" for a header',
      async (name) => {
        await expect(startWireServer(kit.auth, testRouter, { host, allowedHeaders: [name] })).rejects.toThrow(
          /allowedHeaders/,
        );
      },
    );

    test.each(['PUT', 'PATCH', 'DELETE', 'HEAD', 'PROPFIND'])('refuses the method %s', async (method) => {
      const response = await server.send('ping', { method, headers: {} });
      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toBe('GET, POST, OPTIONS');
    });

    test.each([
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/octet-stream',
      'application/jsonfoo',
      'application/json-seq',
      '',
      'text/plain; application/json',
    ])('refuses the content type "%s" before any effect, with or without a body', async (type) => {
      const { cookie } = await register();
      const headers = { 'x-latchkey': '1', cookie, ...(type && { 'content-type': type }) };
      for (const request of [form, { method: 'POST' }]) {
        const response = await server.send('auth.logout', { ...request, headers: { ...headers } });
        // fetch labels a text body by itself; an empty type is tried without one.
        expect(response.status).toBe(415);
        expect(response.headers.getSetCookie()).toEqual([]);
      }
      expect((await server.mutate('auth.refresh', undefined, { cookie })).status).toBe(200);
    });

    test('takes JSON with parameters and in other letter case', async () => {
      for (const type of ['application/json; charset=utf-8', 'Application/JSON', 'application/json ;charset=UTF-8']) {
        expect((await server.mutate('echo', { text: 'hi' }, { 'content-type': type })).status).toBe(200);
      }
    });

    test('refuses a body over 100 kB before any effect, also where no input is read', async () => {
      const { cookie } = await register();
      const headers = { 'x-latchkey': '1', ...JSON_TYPE, cookie };
      const response = await server.send('auth.logout', { headers, body: `"${'x'.repeat(100_000)}"` });
      expect(response.status).toBe(413);
      expect((await errorIn(response)).data.code).toBe('PAYLOAD_TOO_LARGE');
      expect((await server.mutate('auth.refresh', undefined, { cookie })).status).toBe(200);
      expect((await server.send('echo', { headers, body: `"${'x'.repeat(99_998)}"` })).status).toBe(400);
    });

    test('refuses a compressed body', async () => {
      const headers = { 'x-latchkey': '1', ...JSON_TYPE, 'content-encoding': 'gzip' };
      const refused = await server.send('echo', { headers, body: 'x' });
      expect(refused.status).toBe(415);
      expect((await errorIn(refused)).message).toBe('Send the body as it is, not compressed.');
    });

    test('takes twenty calls in a batch, and refuses more with one error', async () => {
      const names = (many: number) => Array.from({ length: many }, () => 'ping').join(',');
      expect((await server.send(`${names(20)}?batch=1`, { method: 'GET', headers: {} })).status).toBe(200);
      const response = await server.send(`${names(21)}?batch=1`, { method: 'GET', headers: {} });
      expect(response.status).toBe(400);
      expect((await errorIn(response)).data.code).toBe('BAD_REQUEST');
    });

    test.each([
      ['with company in a batch', 'auth.logout,echo?batch=1', {}, 2],
      ['twice in a batch', 'auth.refresh,auth.refresh?batch=1', {}, 2],
      ['in an escaped batch', 'echo%2Cauth%2Elogout?batch=1', {}, 2],
      ['at a longer path', 'x/y/auth.logout,echo?batch=1', {}, 2],
      ['in a stream', 'auth.logout?batch=1', { 'trpc-accept': 'application/jsonl' }, 1],
      ['in a stream asked for by Accept', 'auth.logout?batch=1', { accept: 'application/jsonl' }, 1],
    ])('refuses a procedure that writes cookies %s, whole and before any effect', async (_how, path, headers, many) => {
      const { cookie } = await register();
      const request = {
        headers: { 'x-latchkey': '1', ...JSON_TYPE, cookie, ...headers },
        body: '{"0":{"text":"a"},"1":{"text":"b"}}',
      };
      const response = await server.send(path, request);
      expect(response.status).toBe(400);
      expect(response.headers.get('content-type')).toContain('application/json');
      const errors: ErrorBody[] = await response.json();
      expect(errors.map(({ error }) => error.data.reason)).toEqual(
        Array.from({ length: many }, () => 'transport_not_allowed'),
      );
      expect(response.headers.getSetCookie()).toEqual([]);
      expect((await server.mutate('auth.refresh', undefined, { cookie })).status).toBe(200);
    });

    test('lets a procedure that writes cookies travel in a batch of one', async () => {
      const { cookie } = await register();
      expect((await server.mutate('auth.refresh?batch=1', {}, { cookie })).status).toBe(200);
    });

    test('checks in the order of method, origin, content type, size, batch, transport', async () => {
      const many = Array.from({ length: 21 }, () => 'auth.logout').join(',');
      const big = 'x'.repeat(100_001);
      const statusOf = async (path: string, method: string, headers: Record<string, string>, body?: string) => {
        const response = await server.send(path, { method, headers, ...(body !== undefined && { body }) });
        return response.status;
      };
      const own = { origin: 'https://app.example' };
      expect(await statusOf('%E0%A4%A', 'PUT', {})).toBe(405);
      expect(await statusOf('%E0%A4%A?batch=1', 'POST', { origin: 'https://evil.example' }, big)).toBe(403);
      expect(await statusOf('%E0%A4%A', 'POST', own, big)).toBe(400);
      expect(await statusOf(`${many}?batch=1`, 'PUT', { 'content-type': 'text/plain' }, big)).toBe(405);
      expect(await statusOf(`${many}?batch=1`, 'POST', { 'content-type': 'text/plain' }, big)).toBe(403);
      expect(await statusOf(`${many}?batch=1`, 'POST', { ...own, 'content-type': 'text/plain' }, big)).toBe(415);
      expect(await statusOf(`${many}?batch=1`, 'POST', { ...own, ...JSON_TYPE }, big)).toBe(413);
      const batch = await server.send(`${many}?batch=1`, { headers: { ...own, ...JSON_TYPE }, body: '{}' });
      expect((await errorIn(batch)).data.reason).toBeUndefined();
    });

    test('changes nothing by a GET of a mutation', async () => {
      const { cookie } = await register();
      const response = await server.send('auth.logout', { method: 'GET', headers: { cookie } });
      expect(response.status).toBe(405);
      expect(response.headers.getSetCookie()).toEqual([]);
    });
  });

  describe('every answer', () => {
    const bad = [
      ['an unknown procedure', 'no.such', 404],
      ['a prototype’s name', '__proto__', 404],
      ['a constructor', 'constructor', 404],
      ['a broken escape', '%E0%A4%A', 400],
      ['mixed kinds in a batch', 'ping,echo?batch=1', 400],
      ['an input that is no JSON', 'echo?input={', 405],
    ] as const;

    test.each(bad)('to %s is JSON with the request’s id, and no stack', async (_what, path, status) => {
      const response = await server.send(path, { method: 'GET', headers: {} });
      expect(response.status).toBe(status);
      expect(response.headers.get('content-type')).toMatch(/^application\/json/);
      expect(response.headers.get('cache-control')).toBe('no-store');
      const body: ErrorBody | ErrorBody[] = await response.json();
      const { data } = (Array.isArray(body) ? body[0] : body)?.error ?? {};
      expect(data?.requestId).toBe(response.headers.get('x-request-id'));
      expect(data?.stack).toBeUndefined();
    });

    test('to malformed JSON is a 400 without the parser’s words', async () => {
      const headers = { 'x-latchkey': '1', ...JSON_TYPE };
      const error = await errorIn(await server.send('echo', { headers, body: '{"text": "hunter2"' }));
      expect(error.data.code).toBe('BAD_REQUEST');
      expect(error.message).toBe('The request could not be read. Check its form.');
    });

    test('to a refused input names the fields', async () => {
      const error = await errorIn(
        await server.mutate('auth.register', { username: 'a', email: 'b', password: 'c', more: 1 }),
      );
      expect(error.data.fields).toEqual({
        formErrors: [expect.stringContaining('more')],
        fieldErrors: {
          username: ['Use at least 3 characters.'],
          email: ['Enter an e-mail like name@example.com.'],
          password: ['Use at least 8 characters.'],
        },
      });
    });

    test('to an unexpected error says nothing of it', async () => {
      const response = await server.send('boom', { method: 'GET', headers: {} });
      const text = await response.text();
      expect(response.status).toBe(500);
      expect(text).toContain('Something went wrong on our side');
      expect(text).not.toContain('secret words');
    });

    test('keeps the gate’s tag for the gate: a refusal from inside a resolver is an error like any other', async () => {
      const nestedError = await errorIn(await server.send('nested', { method: 'GET', headers: {} }));
      expect(nestedError.data).toMatchObject({ code: 'INTERNAL_SERVER_ERROR' });
      expect(nestedError.data.reason).toBeUndefined();
      const gateError = await errorIn(await server.send('secret', { method: 'GET', headers: {} }));
      expect(gateError.data).toMatchObject({ code: 'UNAUTHORIZED', httpStatus: 401, reason: 'access_token_missing' });
    });

    test('in a mixed batch carries a reason for each call', async () => {
      const response = await server.send('ping,secret?batch=1', { method: 'GET', headers: {} });
      expect(response.status).toBe(207);
      const [good, refused]: [unknown, ErrorBody] = await response.json();
      expect(good).toEqual({ result: { data: 'pong' } });
      expect(refused.error.data.reason).toBe('access_token_missing');
    });
  });

  // As an app would pass them on that does not read its targets strictly: `fetch` cannot send them.
  test.each([
    ['/api/trpc//ping@?batch=1#', 404],
    ['/api/trpc//ping?#', 200],
    ['/api/trpc/ping#/secret?batch=1', 200],
  ])('the target %s is read as tRPC reads it: %d', async (path, status) => {
    const request = httpRequest(server.url, { path });
    request.end();
    const [answer]: IncomingMessage[] = await once(request, 'response');
    answer?.resume();
    expect(answer?.statusCode).toBe(status);
  });

  test('a resolver can see that its client has hung up', async () => {
    const request = httpRequest(`${server.url}/api/trpc/outlive`, { headers: { 'x-latchkey': '1' } });
    request.on('error', () => {});
    request.end();
    const hasGone = await new Promise<() => boolean>((resolve) => (onOutlive = resolve));
    expect(hasGone()).toBe(false);
    request.destroy();
    await vi.waitFor(() => expect(hasGone()).toBe(true));
  });

  test.each(['watch', 'watchOld'])('a stream that the server ends leaves no resolver behind: %s', async (name) => {
    const browser = kit.openBrowser();
    await browser.register(`${name}_on_${host}`);
    const response = await server.send(name, {
      method: 'GET',
      headers: { authorization: `Bearer ${browser.accessToken}` },
    });
    await vi.waitFor(() => expect(watching).toBe(1));
    await browser.call().auth.logout();
    expect(await response.text()).toContain('session_revoked');
    await vi.waitFor(() => expect(watching).toBe(0));
  });

  test('an event stream is not to be stored either', async () => {
    const response = await server.send('ticks', { method: 'GET', headers: {} });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect(response.headers.get('cache-control')).toContain('no-store');
    await response.body?.cancel();
  });
});
