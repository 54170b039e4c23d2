import { coreRouters, protectedProcedure, publicProcedure, router } from 'latchkey/server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createStore } from '#server/database/index.ts';
import { createTestAuth } from '#testing/auth.ts';
import { startWireServer, type WireRequest, type WireServer } from '#testing/wire.ts';
import { compress } from './compress.ts';

const LONG = 'compressible '.repeat(500);

const longAndShort = router({
  ...coreRouters,
  long: publicProcedure.query(() => LONG),
  short: publicProcedure.query(() => 'short'),
  change: publicProcedure.mutation(() => LONG),
  cookie: publicProcedure.query(({ ctx }) => {
    ctx.cookies.set('name', 'value', { path: '/', httpOnly: true, secure: true, sameSite: 'strict', maxAge: 1000 });
    return LONG;
  }),
  events: publicProcedure.subscription(async function* () {
    yield LONG;
  }),
  refused: protectedProcedure.query(() => LONG),
});

let server: WireServer;
const cleanUps: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  const location = { dataDir: 'memory:', poolSize: 1 };
  const database = createStore(location);
  const kit = await createTestAuth({ database });
  server = await startWireServer(kit.auth, longAndShort, { compress: compress() });
  cleanUps.push(server.close, kit.stop, () => database.close());
});

afterAll(async () => {
  for (const cleanUp of cleanUps) await cleanUp();
});

const ask = async (path: string, { headers, ...request }: WireRequest = { method: 'GET' }) => {
  const response = await server.send(path, { ...request, headers: { 'accept-encoding': 'gzip', ...headers } });
  const text = await response.text();
  return { encoding: response.headers.get('content-encoding'), status: response.status, text };
};

test('the long answer of a query comes compressed, and whole', async () => {
  expect(await ask('long')).toEqual({
    encoding: 'gzip',
    status: 200,
    text: JSON.stringify({ result: { data: LONG } }),
  });
  expect((await ask('long,short?batch=1')).encoding).toBe('gzip');
});

test('a short answer comes as it is', async () => {
  expect((await ask('short')).encoding).toBeNull();
  expect((await ask('refused')).encoding).toBeNull();
});

test('an answer that can hold a token is never compressed', async () => {
  const post = { method: 'POST', headers: { 'x-latchkey': '1', 'content-type': 'application/json' } };
  expect(await ask('change', post)).toMatchObject({ encoding: null, status: 200 });
  expect(await ask('cookie')).toMatchObject({ encoding: null, status: 200 });
});

test('a stream is never compressed, which would hold back its parts', async () => {
  const streamed = { method: 'GET', headers: { 'trpc-accept': 'application/jsonl' } };
  expect(await ask('long,long?batch=1', streamed)).toMatchObject({ encoding: null, status: 200 });
  expect(await ask('events')).toMatchObject({ encoding: null, status: 200 });
});
