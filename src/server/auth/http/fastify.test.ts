import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { AnyRouter } from '@trpc/server';
import Fastify from 'fastify';
import { createNodeHandler } from 'latchkey/node';
import type { Auth } from 'latchkey/server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestAuth, TEST_PASSWORD, type TestAuth } from '#testing/auth.ts';
import { coreRouters } from '../core-routers.ts';
import { passwordRouters } from '../features/passwords/index.ts';
import { sqlite } from '../sqlite.ts';
import { protectedProcedure, publicProcedure, router } from '../trpc/procedures.ts';

const LISTED = 'https://listed.example';

const appRouter = router({
  ...coreRouters,
  auth: { ...coreRouters.auth, ...passwordRouters.auth },
  hello: publicProcedure.query(() => 'Hello'),
  secret: protectedProcedure.query(({ ctx }) => ctx.user.id),
  ticks: protectedProcedure.subscription(async function* () {
    yield 'tick';
  }),
});

/** As the guide has it, word for word. */
const createApp = async (auth: Auth, appRouter: AnyRouter) => {
  const app = Fastify();
  const handleTrpc = createNodeHandler({ auth, router: appRouter });

  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    scope.all('/api/trpc/*', (request, reply) => {
      reply.hijack();
      return handleTrpc(request.raw, reply.raw);
    });
  });
  return app;
};

let kit: TestAuth;
let app: Awaited<ReturnType<typeof createApp>>;
let url: string;
beforeAll(async () => {
  kit = await createTestAuth({ database: sqlite(':memory:') }, { allowedOrigins: [LISTED] });
  app = await createApp(kit.auth, appRouter);
  app.post('/own', ({ body }) => ({ body }));
  url = await app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  app.server.closeAllConnections();
  await app.close();
  await kit.stop();
});

const send = (path: string, init: RequestInit = {}): Promise<Response> => fetch(`${url}/api/trpc/${path}`, init);

const mutate = (procedure: string, input?: object, headers: Record<string, string> = {}): Promise<Response> =>
  send(procedure, {
    method: 'POST',
    headers: { 'x-latchkey': '1', 'content-type': 'application/json', ...headers },
    ...(input !== undefined && { body: JSON.stringify(input) }),
  });

const grantIn = async (response: Response): Promise<{ authorization: string }> => {
  const body: { result: { data: { accessToken: string } } } = await response.json();
  return { authorization: `Bearer ${body.result.data.accessToken}` };
};

const signUp = async (username: string) => {
  const response = await mutate('auth.register', {
    username,
    email: `${username}@mail.example`,
    password: TEST_PASSWORD,
  });
  const cookies = response.headers.getSetCookie();
  return { cookie: cookies.map((line) => line.split(';', 1)[0]).join('; '), ...(await grantIn(response)) };
};

test('the code that runs here is that of the guide', () => {
  const guide = readFileSync(resolve(import.meta.dirname, '../../../../docs/guides/express.md'), 'utf8');
  const [, code = ''] = /```ts\nimport Fastify [^]*?\n\n([^]*?)```/.exec(guide) ?? [];
  expect(code).toContain('scope.all');
  const indented = code.replaceAll(/^(?=.)/gm, '  ');
  expect(readFileSync(import.meta.filename, 'utf8')).toContain(indented);
});

test('somebody signs up, calls, refreshes and signs out', async () => {
  const { cookie, authorization } = await signUp('ada');
  expect(await (await send('secret', { headers: { authorization } })).json()).toMatchObject({
    result: { data: expect.any(String) },
  });
  kit.clock.advance(60_000); // past the leeway, so that the refresh rotates
  const refreshed = await mutate('auth.refresh', undefined, { cookie });
  expect(refreshed.headers.getSetCookie()[0]).toMatch(/^__Host-refresh=/);
  expect((await send('secret', { headers: await grantIn(refreshed) })).status).toBe(200);
  const cookies = refreshed.headers.getSetCookie().map((line) => line.split(';', 1)[0]);
  expect((await mutate('auth.logout', undefined, { cookie: cookies.join('; ') })).status).toBe(200);
  expect((await send('secret', { headers: { authorization } })).status).toBe(401);
});

test('a batch is answered call by call, however long its path', async () => {
  const paths = [...Array.from({ length: 18 }, () => 'hello'), 'secret'];
  const response = await send(`${paths.join(',')}?batch=1&input=%7B%7D`);
  expect(response.status).toBe(207);
  const answers: object[] = await response.json();
  expect(answers).toHaveLength(19);
  expect(answers[17]).toEqual({ result: { data: 'Hello' } });
  expect(answers[18]).toMatchObject({ error: { data: { reason: 'access_token_missing' } } });
});

test('a subscription streams its events', async () => {
  const { authorization } = await signUp('grace');
  const response = await send('ticks', { headers: { authorization, accept: 'text/event-stream' } });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  expect(await response.text()).toContain('data: "tick"');
});

test('a body that is too large, or of no type that tRPC knows, is refused by the stack and not by Fastify', async () => {
  const large = await mutate('auth.login', { username: 'ada', password: 'x'.repeat(2_000_000) });
  expect(large.status).toBe(413);
  expect(await large.json()).toMatchObject({ error: { data: { code: 'PAYLOAD_TOO_LARGE' } } });
  const odd = await mutate('auth.login', { username: 'ada' }, { 'content-type': 'application/odd' });
  expect(odd.status).toBe(415);
  expect(await odd.json()).toMatchObject({ error: { data: { code: 'UNSUPPORTED_MEDIA_TYPE' } } });
});

test('the stack answers preflights, and routes of the app parse what they parsed', async () => {
  const preflight = await send('auth.refresh', {
    method: 'OPTIONS',
    headers: { origin: LISTED, 'access-control-request-method': 'POST' },
  });
  expect(preflight.headers.get('access-control-allow-origin')).toBe(LISTED);
  const own = await fetch(`${url}/own`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"is":"parsed"}',
  });
  expect(await own.json()).toEqual({ body: { is: 'parsed' } });
});
