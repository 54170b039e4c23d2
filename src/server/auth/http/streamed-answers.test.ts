import { createTRPCUntypedClient, httpBatchStreamLink, TRPCClientError } from '@trpc/client';
import { initTRPC, TRPCError } from '@trpc/server';
import { createHTTPServer } from '@trpc/server/adapters/standalone';
import { observable } from '@trpc/server/observable';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createTestAuth, type TestAuth, type TestBrowser } from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import { HOSTS, startWireServer, type WireServer } from '#testing/wire.ts';
import { coreRouters } from '../core-routers.ts';
import { protectedProcedure, publicProcedure, router } from '../trpc/procedures.ts';

/** How many resolvers wait for their next event. */
let waiting = 0;

async function* ticks({ signal }: { signal: AbortSignal | undefined }) {
  waiting += 1;
  try {
    yield 'tick';
    await new Promise((resolve) => signal?.addEventListener('abort', resolve));
  } finally {
    waiting -= 1;
  }
}

const ownWords = () => new TRPCError({ code: 'CONFLICT', message: 'Somebody was faster.' });
const circular: Record<string, unknown> = {};
circular['self'] = circular;

/** Whose prototype is another object: tRPC streams it like any other. */
const derivedObject = (): object => {
  const derived = {};
  Object.setPrototypeOf(derived, { inherited: 1 });
  return derived;
};

/** Answers as an app may write them, each with what is heard of it in full. */
const answers = {
  plain: () => ({ text: 'plain', list: [1, 2], nothing: null }),
  undefined: () => undefined,
  withAKeySubscribe: () => ({ plan: 'free', catch: 'all' }),
  promised: () => ({ now: 1, later: Promise.resolve({ deep: Promise.resolve('deeper') }) }),
  ownKeys: () => JSON.parse('{"__proto__": 1, "constructor": 2}') as unknown,
  streamed: async function* () {
    yield 1;
    yield { later: Promise.resolve('in an event') };
    return 'bye';
  },
  within: () => ({
    text: 'beside',
    stream: (async function* () {
      yield 'a';
      yield 'b';
    })(),
  }),
  observed: () =>
    observable<string>((observer) => {
      observer.next('seen');
      observer.complete();
    }),
  derived: () =>
    Object.assign(derivedObject(), {
      later: Promise.resolve('late'),
      failed: Promise.reject(ownWords()),
    }),
  failing: () => {
    throw ownWords();
  },
  failingStream: async function* () {
    yield 1;
    throw ownWords();
  },
  failingPromise: () => ({ later: Promise.reject(ownWords()) }),
};

/** What cannot be sent, at once or in a part that comes later. */
const unsendable = {
  number: () => 1n,
  within: () => ({ deep: [1n] }),
  circle: () => circular,
  promised: () => ({ later: Promise.resolve(1n) }),
  besidePromise: () => ({ number: 1n, later: Promise.reject(new Error('nobody hears of it')) }),
  streamed: async function* () {
    yield 'good';
    yield 1n;
  },
};

const buildQueries = <TBuilt>(resolvers: Record<string, () => unknown>, build: (resolver: () => unknown) => TBuilt) =>
  Object.fromEntries(Object.entries(resolvers).map(([name, resolver]) => [name, build(resolver)]));

const routes = router({
  ...coreRouters,
  answers: router(buildQueries(answers, (resolver) => protectedProcedure.query(resolver))),
  open: router(buildQueries(answers, (resolver) => publicProcedure.query(resolver))),
  unsendable: router(buildQueries(unsendable, (resolver) => publicProcedure.query(resolver))),
  ticks: protectedProcedure.query(ticks),
  withTicks: protectedProcedure.query((options) => ({
    name: 'ticks',
    deep: Promise.resolve({ ticks: ticks(options) }),
  })),
  derivedTicks: protectedProcedure.query((options): object =>
    Object.assign(derivedObject(), { ticks: ticks(options) }),
  ),
  tickMutation: protectedProcedure.mutation(ticks),
  sum: publicProcedure.query(() => 3),
});

const bare = initTRPC.create({ isDev: false });
const bareRoutes = bare.router({
  answers: bare.router(buildQueries(answers, (resolver) => bare.procedure.query(resolver))),
});

let store: TestStore;
let kit: TestAuth;
let browser: TestBrowser;
const inTrpc = createHTTPServer({ router: bareRoutes });

beforeAll(async () => {
  const [sqlite] = eachStore;
  if (sqlite === undefined) throw new Error('There is no store.');
  store = await sqlite.open();
  kit = await createTestAuth(store);
  browser = kit.openBrowser();
  await browser.register('ada');
  await new Promise<void>((resolve) => {
    inTrpc.listen(0, '127.0.0.1', resolve);
  });
});
afterAll(async () => {
  inTrpc.close();
  await kit.stop();
  await store.remove();
});

const clientOf = (url: string, headers: Record<string, string> = {}) => {
  const client = createTRPCUntypedClient<typeof routes>({ links: [httpBatchStreamLink({ url, headers })] });
  return (path: string): Promise<unknown> => client.query(path);
};
const told = (error: unknown): unknown =>
  error instanceof TRPCClientError
    ? { message: error.message, code: Reflect.get(error.data ?? {}, 'code') }
    : String(error);

/** All that comes of an answer, as a value. */
const drain = async (value: unknown): Promise<unknown> => {
  if (value instanceof Promise) return value.then(drain, told);
  if (typeof value !== 'object' || value === null) return value;
  if (Symbol.asyncIterator in value) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- looked for just now
    const iterator = (value as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    const events: unknown[] = [];
    try {
      for (;;) {
        const next = await iterator.next();
        events.push(await drain(next.value));
        if (next.done) return { events };
      }
    } catch (error) {
      return { events, error: told(error) };
    }
  }
  if (Array.isArray(value)) return value;
  return Object.fromEntries(
    await Promise.all(Object.entries(value).map(async ([name, part]) => [name, await drain(part)])),
  );
};

describe.each(HOSTS)('on %s', (host) => {
  let server: WireServer;
  beforeAll(async () => {
    server = await startWireServer(kit.auth, routes, { host });
    await browser.refresh(); // A test lets its token end.
  });
  afterAll(() => server.close());

  const here = () =>
    clientOf(`${server.url}/api/trpc`, { authorization: `Bearer ${browser.accessToken ?? ''}`, 'x-latchkey': '1' });

  describe.each(['answers', 'open'])('built as %s', (base) => {
    test.each(Object.keys(answers))('%s arrives as by tRPC itself', async (name) => {
      const address = inTrpc.address();
      if (address === null || typeof address === 'string') throw new Error('The server has no port.');
      const expected = await drain(clientOf(`http://127.0.0.1:${address.port}`)(`answers.${name}`));
      expect(await drain(here()(`${base}.${name}`))).toEqual(expected);
    });
  });

  test.each(Object.keys(unsendable))(
    'an answer that cannot be sent (%s) fails alone, and the others of its batch arrive',
    async (name) => {
      const call = here();
      const [failed, sum] = await Promise.all([drain(call(`unsendable.${name}`)), drain(call('sum'))]);
      expect(JSON.stringify(failed)).toContain('"code":"INTERNAL_SERVER_ERROR"');
      expect(JSON.stringify(failed)).not.toContain('BigInt');
      expect(sum).toBe(3);
    },
  );

  describe('a stream that answers a query', () => {
    const openTicks = async (person: TestBrowser, path: string) => {
      const leaving = new AbortController();
      const response = await fetch(`${server.url}/api/trpc/${path}?batch=1`, {
        headers: { authorization: `Bearer ${person.accessToken ?? ''}`, 'trpc-accept': 'application/jsonl' },
        signal: leaving.signal,
      });
      let said = '';
      const listen = async (): Promise<void> => {
        for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) said += part;
      };
      const ended = listen().catch(() => {}); // One is left in the middle.
      await vi.waitFor(() => expect(said).toContain('tick"'));
      return { said: () => said, ended, leave: () => leaving.abort() };
    };
    const signIn = async (name: string): Promise<TestBrowser> => {
      const person = kit.openBrowser();
      await person.register(`${name}_${host}`);
      return person;
    };

    test.each(['ticks', 'withTicks', 'derivedTicks'])(
      'ends when its session is ended, and its resolver with it: %s',
      async (path) => {
        const person = await signIn(`leaving_${path}`);
        const stream = await openTicks(person, path);
        await person.call().auth.logout();
        await stream.ended;
        expect(stream.said()).toContain('"reason":"session_revoked"');
        await vi.waitFor(() => expect(waiting).toBe(0));
      },
    );

    test('outlives its access token, since no other can take its place', async () => {
      const person = await signIn('outliving');
      const stream = await openTicks(person, 'ticks');
      kit.clock.advance(16 * 60_000);
      await new Promise((resolve) => setImmediate(resolve));
      expect(stream.said()).not.toContain('reason');
      expect(waiting).toBe(1);
      stream.leave();
      await vi.waitFor(() => expect(waiting).toBe(0));
    });

    test('takes no place, and is not even begun where tRPC refuses the transport', async () => {
      const person = await signIn('refused');
      for (let time = 0; time < 20; time += 1) {
        const response = await server.send('ticks', {
          method: 'GET',
          headers: { authorization: `Bearer ${person.accessToken ?? ''}` },
        });
        expect(response.status).toBe(415);
      }
      expect([waiting, kit.services.subscriptions.count()]).toEqual([0, 0]);
    });
  });
});
