import { TRPCError, tracked } from '@trpc/server';
import { observable } from '@trpc/server/observable';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createTestAuth, type TestAuth, type TestBrowser } from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import { reasonOf } from '../refusal.ts';
import { createCallerFactory, protectedProcedure, router } from '../trpc/procedures.ts';
import { STREAM_LIMITS } from './stream-limits.ts';

let store: TestStore;
let kit: TestAuth;
let browser: TestBrowser;
let count = 0;
/** How many resolvers of `onFailing` ran. */
let started = 0;

/** One event, and then none for as long as the subscription lasts. */
const testRouter = router({
  onTick: protectedProcedure.subscription(async function* ({ signal }) {
    yield tracked('1', 'tick');
    await new Promise((resolve) => signal?.addEventListener('abort', resolve));
  }),
  onFailing: protectedProcedure.subscription((): AsyncIterable<string> => {
    started += 1;
    throw new TRPCError({ code: 'CONFLICT', message: 'not today' });
  }),
  // oxlint-disable-next-line typescript/no-deprecated -- as long as tRPC takes them, they end with the session too
  onTickOld: protectedProcedure.subscription(() => observable<string>((observer) => observer.next('tick'))),
  onThree: protectedProcedure.subscription(async function* () {
    yield* [1, 2, 3];
  }),
});

beforeAll(async () => {
  const sqlite = eachStore[0];
  if (sqlite === undefined) throw new Error('There is no store.');
  store = await sqlite.open();
  kit = await createTestAuth(store);
});
afterAll(async () => {
  await kit.stop();
  await store.remove();
});
afterEach(async () => {
  abort.abort();
  await vi.waitFor(() => expect(kit.services.subscriptions.count()).toBe(0));
});

let abort = new AbortController();

const open = async () => {
  browser = kit.openBrowser();
  await browser.register(`ada_${(count += 1)}`);
  abort = new AbortController();
  const caller = createCallerFactory(testRouter)(browser.context(), { signal: abort.signal });
  const events = (await caller.onTick())[Symbol.asyncIterator]();
  await events.next();
  return events;
};

const end = (events: AsyncIterator<unknown>) => events.next().then(() => 'an event', reasonOf);

test('a subscription ends when its access token does, with a reason that a refresh answers', async () => {
  const events = await open();
  const over = end(events);
  kit.clock.advance(15 * 60_000);
  expect(await over).toBe('access_token_expired');
});

test('a subscription ends at once when its session is revoked', async () => {
  const events = await open();
  const over = end(events);
  await browser.call().auth.logout();
  expect(await over).toBe('session_revoked');
});

test('a subscription ends when the user’s roles change, and not when another’s do', async () => {
  const events = await open();
  const over = end(events);
  await kit.services.revocations.announce([{ kind: 'user', userId: 'somebody else', ver: 9 }]);
  const { userId } = await browser.call().auth.claims();
  await kit.services.revocations.announce([{ kind: 'user', userId, ver: 2 }]);
  expect(await over).toBe('access_token_stale');
});

test('a subscription that is an observable ends with its session too', async () => {
  browser = kit.openBrowser();
  await browser.register('ada_observing');
  const observed = await createCallerFactory(testRouter)(browser.context()).onTickOld();
  const heard: unknown[] = [];
  const over = new Promise((resolve) => {
    observed.subscribe({ next: (event) => heard.push(event), error: (error) => resolve(reasonOf(error)) });
  });
  expect(heard).toEqual(['tick']);
  expect(kit.services.subscriptions.count()).toBe(1);
  await browser.call().auth.logout();
  expect(await over).toBe('session_revoked');
  expect(kit.services.subscriptions.count()).toBe(0);
});

test('a subscription that comes to its own end ends as it would have', async () => {
  browser = kit.openBrowser();
  await browser.register('ada_three');
  const caller = createCallerFactory(testRouter)(browser.context());
  const seen: number[] = [];
  for await (const event of await caller.onThree()) seen.push(event);
  expect(seen).toEqual([1, 2, 3]);
});

test('when the process ends, so does every subscription, with nothing that ends the session', async () => {
  const events = await open();
  expect(kit.services.subscriptions.count()).toBe(1);
  const over = end(events);
  kit.services.subscriptions.endAll();
  expect(await over).toBe('unavailable');
  expect(kit.services.subscriptions.count()).toBe(0);
});

test('a subscription whose client has gone is forgotten, whether its resolver looks or not', async () => {
  await open();
  abort.abort();
  expect(kit.services.subscriptions.count()).toBe(0);
});

test('a session has sixteen at once; one more is refused before its resolver runs, until there is room again', async () => {
  browser = kit.openBrowser();
  await browser.register('ada_sixteen');
  const openOne = async () => {
    const controller = new AbortController();
    const caller = createCallerFactory(testRouter)(browser.context(), { signal: controller.signal });
    const events = (await caller.onTick())[Symbol.asyncIterator]();
    return { controller, events };
  };
  // Some are heard of, and of some nobody has asked for the first event yet.
  const all = await Promise.all(Array.from({ length: STREAM_LIMITS.session }, openOne));
  await Promise.all(all.slice(0, 8).map(({ events }) => events.next()));
  const ran = started;
  await expect(openOne().catch(reasonOf)).resolves.toBe('too_many_streams');
  await expect(
    createCallerFactory(testRouter)(browser.context())
      .onFailing()
      .catch((error: unknown) => reasonOf(error)),
  ).resolves.toBe('too_many_streams');
  expect(started).toBe(ran);

  for (const index of [0, 15]) all[index]?.controller.abort();
  const again = [await openOne(), await openOne()];
  await expect(openOne().catch(reasonOf)).resolves.toBe('too_many_streams');
  for (const { controller } of [...all, ...again]) controller.abort();
});

test('a place is free when its access token ends, whether anybody reads the stream, or ever began to', async () => {
  browser = kit.openBrowser();
  await browser.register('ada_unread');
  const inner: string[] = [];
  const unreadRouter = router({
    onTick: protectedProcedure.subscription(async function* () {
      try {
        for (;;) yield 'tick';
      } finally {
        inner.push('ended');
      }
    }),
  });
  const open = () => createCallerFactory(unreadRouter)(browser.context()).onTick();
  const [unread, ...untouched] = await Promise.all(Array.from({ length: STREAM_LIMITS.session }, open));
  await unread?.[Symbol.asyncIterator]().next();
  await expect(open().catch(reasonOf)).resolves.toBe('too_many_streams');

  kit.clock.advance(15 * 60_000);
  await vi.waitFor(() => expect([kit.services.subscriptions.count(), inner]).toEqual([0, ['ended']]));
  await browser.refresh();
  const again = await Promise.all(Array.from({ length: STREAM_LIMITS.session }, open));
  expect([untouched.length, again.length]).toEqual([STREAM_LIMITS.session - 1, STREAM_LIMITS.session]);
});

test('a subscription that fails before it begins takes no place', async () => {
  browser = kit.openBrowser();
  await browser.register('ada_failing');
  for (let time = 0; time <= STREAM_LIMITS.session; time += 1) {
    const failing = createCallerFactory(testRouter)(browser.context()).onFailing();
    await expect(failing.catch((error: unknown) => String(error))).resolves.toContain('not today');
  }
});

test('a subscription that ends by itself gives up its place', async () => {
  browser = kit.openBrowser();
  await browser.register('ada_often');
  for (let time = 0; time <= STREAM_LIMITS.session; time += 1) {
    for await (const event of await createCallerFactory(testRouter)(browser.context()).onThree())
      expect(event).toBeLessThan(4);
  }
});

test('a client that goes is no error', async () => {
  const events = await open();
  const next = events.next();
  abort.abort();
  expect((await next).done).toBe(true);
});
