import { once } from 'node:events';
import { Agent, createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { initTRPC, TRPCError, tracked } from '@trpc/server';
import { createExpressMiddleware } from '@trpc/server/adapters/express';
import { observable } from '@trpc/server/observable';
import express, { type RequestHandler } from 'express';
import fc from 'fast-check';
import superjson from 'superjson';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod/v4';
import { createStore } from '#server/database/index.ts';
import { createTestAuth, type TestAuth } from '#testing/auth.ts';
import { isHeavy } from '#testing/heavy.ts';
import type { AuthContext } from '../context.ts';
import { coreRouters } from '../core-routers.ts';
import { trpcOptions } from '../trpc/options.ts';
import { type ProcedureMeta, protectedProcedure, publicProcedure } from '../trpc/procedures.ts';
import { createExpressHandler } from './express.ts';

const circular: Record<string, unknown> = {};
circular['self'] = circular;

const options = {
  sse: { ping: { enabled: true, intervalMs: 60_000 }, client: { reconnectAfterInactivityMs: 90_000 } },
};
const builder = initTRPC.context<AuthContext>().meta<ProcedureMeta>();

/** Roots as apps make them. */
const roots = {
  plain: () => builder.create({ ...trpcOptions(), ...options }),
  superjson: () => builder.create({ ...trpcOptions({ transformer: superjson }), ...options }),
  'an error formatter': () =>
    builder.create({
      ...trpcOptions({ errorFormatter: ({ shape, input }) => ({ ...shape, data: { ...shape.data, input, own: 1 } }) }),
      ...options,
    }),
  'no data in errors': () =>
    builder.create({ ...trpcOptions({ errorFormatter: ({ shape: { message, code } }) => ({ message, code }) }) }),
  'no event streams': () => builder.create({ ...trpcOptions(), sse: { enabled: false } }),
  'pings that are too rare': () =>
    builder.create({
      ...trpcOptions(),
      sse: { ping: { enabled: true, intervalMs: 20 }, client: { reconnectAfterInactivityMs: 10 } },
    }),
};

const createRoutes = (t: ReturnType<(typeof roots)['plain']>) => {
  const open = t.procedure.concat(publicProcedure);
  const gated = t.procedure.concat(protectedProcedure);
  const strict = open.input(z.strictObject({ text: z.string().max(5) }));
  const loose = open.input(z.unknown());
  const query = (resolve: () => unknown) => open.query(resolve);
  return t.router({
    ...coreRouters,
    ping: query(() => 'pong'),
    nothing: query(() => undefined),
    nil: query(() => null),
    date: query(() => new Date(0)),
    map: query(() => new Map([['a', { b: new Set([1]) }]])),
    bigint: query(() => ({ a: 1n })),
    circular: query(() => circular),
    promise: query(() => ({ now: 1, later: Promise.resolve(2) })),
    // oxlint-disable-next-line unicorn/no-thenable -- an answer may have the key
    thenable: query(() => ({ later: { then: 1 } })),
    generator: query(async function* () {
      yield 1;
    }),
    observed: query(() => observable((observer) => observer.complete())),
    boom: query(() => {
      throw new Error('secret words');
    }),
    words: query(() => {
      throw new TRPCError({ code: 'CONFLICT', message: 'Somebody was faster.' });
    }),
    thrown: query(() => {
      // oxlint-disable-next-line typescript/only-throw-error -- an app may
      throw 'a text';
    }),
    gated: gated.query(() => 'never'),
    strict: strict.query(({ input }) => input.text),
    loose: loose.query(({ input }) => ({ input })),
    deep: t.router({ strict: strict.query(({ input }) => input) }),
    change: strict.mutation(({ input }) => input.text),
    looseChange: loose.mutation(({ input }) => ({ input })),
    do: open.mutation(() => 'done'),
    doBoom: open.mutation(() => {
      throw new TRPCError({ code: 'TOO_MANY_REQUESTS' });
    }),
    events: loose.subscription(async function* ({ input }) {
      yield { input };
      yield tracked('2', { n: 2 });
      yield undefined;
    }),
    resumed: open.input(z.object({ lastEventId: z.string().nullish() }).nullish()).subscription(async function* ({
      input,
    }) {
      yield tracked(`after ${input?.lastEventId}`, input);
    }),
    failing: open.subscription(async function* () {
      yield 1;
      throw new TRPCError({ code: 'FORBIDDEN', message: 'No more.' });
    }),
    booming: open.subscription(async function* () {
      yield 1;
      throw new Error('secret words');
    }),
    aborted: open.subscription(async function* () {
      yield 1;
      throw new DOMException('gone', 'AbortError');
    }),
    unsendable: open.subscription(async function* () {
      yield 1;
      yield 1n;
    }),
    empty: open.subscription(async function* () {}),
    // oxlint-disable-next-line typescript/no-deprecated -- as long as tRPC takes them
    observing: open.subscription(() =>
      observable<number>((observer) => {
        observer.next(1);
        observer.next(2);
        observer.complete();
      }),
    ),
    early: open.subscription(async function* () {
      yield* [];
      throw new TRPCError({ code: 'NOT_FOUND', message: 'Nothing.' });
    }),
    gatedEvents: gated.subscription(async function* () {
      yield 1;
    }),
  });
};

interface Sent {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | undefined;
}

const NAMES = Object.keys(createRoutes(roots.plain())._def.record).filter((name) => !(name in coreRouters));
const name = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...NAMES, 'deep.strict') },
  { weight: 5, arbitrary: fc.constantFrom('strict', 'loose', 'change', 'events', 'resumed') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('no.such', '', 'deep', '__proto__', 'constructor', 'toString', 'x/ping', 'pi%6Eg'),
  },
);
const nested = `${'['.repeat(1500)}${']'.repeat(1500)}`;
const one = fc.constantFrom(
  ...[
    '{"text":"hi"}',
    '{"json":{"text":"hi"}}',
    '{"text":"too long"}',
    '{"text":1,"more":2}',
    'null',
    '1',
    '"x"',
    '[]',
  ],
  ...[
    '{"__proto__":{"text":"hi"}}',
    '{"json":1,"meta":{"values":["Date"]}}',
    '{"json":["x"],"meta":{"values":{"0":["Date"]}}}',
  ],
  ...['{', '', nested, '{"json":{"lastEventId":"from input"}}', '{"lastEventId":null}'],
);
const many = fc.oneof(
  fc.array(one, { maxLength: 3 }).map((inputs) => `{${inputs.map((input, index) => `"${index}":${input}`).join(',')}}`),
  fc.constantFrom('[]', '1', 'null', '{"1":{"text":"hi"}}', '{"x":1}', '[{"text":"hi"}]', ''),
);

const sent: fc.Arbitrary<Sent> = fc
  .record({
    method: fc.constantFrom('GET', 'GET', 'POST'),
    names: fc.array(name, { minLength: 1, maxLength: 4 }),
    isBatch: fc.boolean(),
    single: fc.option(one, { nil: undefined }),
    batch: fc.option(many, { nil: undefined }),
    accept: fc.constantFrom(
      {},
      {},
      {},
      { accept: 'text/event-stream' },
      { 'trpc-accept': 'x' },
      { accept: '*/*, x/y' },
    ),
    lastEventId: fc.constantFrom({}, {}, { 'last-event-id': 'from header' }, { 'last-event-id': '' }),
    more: fc.constantFrom(
      '',
      '',
      '',
      '&lastEventId=from+query',
      '&Last-Event-Id=old',
      '&connectionParams=%7B%22a%22%3A%22b%22%7D',
      '&connectionParams=1',
      '&connectionParams=%7B',
      '&batch=0',
      '#&batch=1',
      '&&=&a',
    ),
  })
  .map(({ method, names, isBatch, single, batch, accept, lastEventId, more }): Sent => {
    const input = isBatch ? batch : single;
    const query = method === 'GET' && input !== undefined ? `&input=${encodeURIComponent(input)}` : '';
    const paths = (isBatch ? names : names.slice(0, 1)).join(',');
    return {
      method,
      path: `/api/trpc/${paths}?${isBatch ? 'batch=1' : 'batch=no'}${query}${more}`,
      headers: {
        ...accept,
        ...lastEventId,
        ...(method === 'POST' && { 'x-latchkey': '1', 'content-type': 'application/json' }),
      },
      body: method === 'POST' ? input : undefined,
    };
  });

const agent = new Agent({ keepAlive: true, maxSockets: 2 });
let kit: TestAuth;
let close: () => Promise<void>;
beforeAll(async () => {
  const database = createStore({ dataDir: 'memory:', poolSize: 1 });
  kit = await createTestAuth({ database });
  close = () => database.close();
});
afterAll(async () => {
  agent.destroy();
  await kit.stop();
  await close();
});

const ask = async (server: Server, { method, path, headers, body }: Sent) => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const request = httpRequest({ port, path, method, headers, agent });
  request.end(body);
  const [answer]: IncomingMessage[] = await once(request, 'response');
  if (answer === undefined) throw new Error('There is no answer.');
  return { status: answer.statusCode, headers: answer.headers, body: await text(answer) };
};

/** What is to be equal: all but the request's id, and the label of what tRPC calls text. */
const comparable = ({ status, headers, body }: Awaited<ReturnType<typeof ask>>) => ({
  status,
  type: headers['content-type']?.replace(/^text\/plain.*/i, 'application/json'),
  vary: headers.vary,
  buffering: headers['x-accel-buffering'],
  body: body.replaceAll(/"requestId":"[^"]*"/g, '"requestId":"…"'),
});

describe.each(Object.entries(roots))('with %s', (_what, createRoot) => {
  let there: Server;
  let here: Server;
  beforeAll(async () => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- roots differ in data and errors alone
    const router = createRoutes(createRoot() as ReturnType<(typeof roots)['plain']>);
    const bare = createExpressMiddleware({
      router,
      createContext: () => kit.openBrowser().context(),
      maxBodySize: 100_000,
      maxBatchSize: 20,
      allowMethodOverride: true,
    });
    const listen = async (handler: RequestHandler): Promise<Server> => {
      const server = createServer(express().use('/api/trpc', handler)).listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    };
    there = await listen(bare);
    here = await listen(createExpressHandler({ auth: kit.auth, router }));
  });
  afterAll(() => {
    for (const server of [there, here]) {
      server.closeAllConnections();
      server.close();
    }
  });

  test('random requests are answered as by tRPC’s own adapter', async () => {
    await fc.assert(
      fc.asyncProperty(sent, async (request) => {
        const [expected, found] = await Promise.all([ask(there, request), ask(here, request)]);
        expect(comparable(found)).toEqual(comparable(expected));
      }),
      { numRuns: isHeavy ? 400 : 200 },
    );
  });
});
