import { observable } from '@trpc/server/observable';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { createTestAuth, type TestAuth, type TestBrowser } from '#testing/auth.ts';
import { collectGarbage } from '#testing/collect-garbage.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import { HOSTS, startWireServer, type WireServer } from '#testing/wire.ts';
import { coreRouters } from '../core-routers.ts';
import { createCallerFactory, protectedProcedure, publicProcedure, router } from '../trpc/procedures.ts';

const EVENTS = 500;

/** The last one or two are in the hands of the consumer that waits for the next. */
const FEW = 10;

let made: WeakRef<object>[] = [];
const makeEvent = (): object => {
  const event = { text: 'x'.repeat(1000) };
  made.push(new WeakRef(event));
  return event;
};
const alive = (): number => made.filter((reference) => reference.deref() !== undefined).length;

/** Many events, and then none for as long as somebody listens. */
async function* burst({ signal }: { signal: AbortSignal | undefined }) {
  for (let count = 0; count < EVENTS; count += 1) yield makeEvent();
  await new Promise((resolve) => signal?.addEventListener('abort', resolve));
}
const observeBurst = () =>
  observable<object>((observer) => {
    for (let count = 0; count < EVENTS; count += 1) observer.next(makeEvent());
  });

const routes = router({
  ...coreRouters,
  public: publicProcedure.subscription(burst),
  protected: protectedProcedure.subscription(burst),
  // oxlint-disable-next-line typescript/no-deprecated -- as long as tRPC takes them
  protectedOld: protectedProcedure.subscription(observeBurst),
  answer: protectedProcedure.query(burst),
});

let store: TestStore;
let kit: TestAuth;
let servers: WireServer[];
let browser: TestBrowser;

beforeAll(async () => {
  const [sqlite] = eachStore;
  if (sqlite === undefined) throw new Error('There is no store.');
  store = await sqlite.open();
  kit = await createTestAuth(store);
  servers = await Promise.all(HOSTS.map((host) => startWireServer(kit.auth, routes, { host })));
  browser = kit.openBrowser();
  await browser.register('ada');
});
afterAll(async () => {
  for (const server of servers) await server.close();
  await kit.stop();
  await store.remove();
});
beforeEach(() => {
  made = [];
});

const holdsNothing = async (server: WireServer, name: string): Promise<void> => {
  made = [];
  const leaving = new AbortController();
  const isAnswer = name === 'answer';
  const response = await fetch(`${server.url}/api/trpc/${name}${isAnswer ? '?batch=1' : ''}`, {
    headers: {
      authorization: `Bearer ${browser.accessToken ?? ''}`,
      ...(isAnswer && { 'trpc-accept': 'application/jsonl' }),
    },
    signal: leaving.signal,
  });
  let read = 0;
  const listen = async (): Promise<void> => {
    for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? [])
      read += part.split('xx"').length - 1;
  };
  listen().catch(() => {}); // It is left in the middle.
  await vi.waitFor(() => expect(read).toBe(EVENTS));
  await collectGarbage();
  expect(made).toHaveLength(EVENTS);
  expect(alive()).toBeLessThan(FEW);
  leaving.abort();
};

test.each(['public', 'protected', 'protectedOld', 'answer'])(
  'over HTTP, no event is kept once it is sent: %s',
  async (name) => {
    for (const server of servers) await holdsNothing(server, name);
  },
);

test.each(['public', 'protected'] as const)(
  'of a caller on the server, no event is kept once it was heard: %s',
  async (name) => {
    const leaving = new AbortController();
    const caller = createCallerFactory(routes)(browser.context(), { signal: leaving.signal });
    const events = (await caller[name]())[Symbol.asyncIterator]();
    for (let count = 0; count < EVENTS; count += 1) await events.next();
    await collectGarbage();
    expect(alive()).toBeLessThan(FEW);
    leaving.abort();
  },
);
