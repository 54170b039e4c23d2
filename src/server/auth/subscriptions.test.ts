import { tracked } from '@trpc/server';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createTestAuth, type TestAuth, type TestBrowser } from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import { reasonOf } from './refusal.ts';
import { createCallerFactory, protectedProcedure, router } from './trpc.ts';

let store: TestStore;
let kit: TestAuth;
let browser: TestBrowser;
let count = 0;

/** One event, and then none for as long as the subscription lasts. */
const testRouter = router({
  onTick: protectedProcedure.subscription(async function* ({ signal }) {
    yield tracked('1', 'tick');
    await new Promise((resolve) => signal?.addEventListener('abort', resolve));
  }),
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
  await vi.waitFor(() => expect(kit.auth.subscriptions.count()).toBe(0));
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
  kit.auth.revocations.notice({ kind: 'user', userId: 'somebody else', ver: 9 });
  const { userId } = await browser.call().auth.claims();
  kit.auth.revocations.notice({ kind: 'user', userId, ver: 2 });
  expect(await over).toBe('access_token_stale');
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
  expect(kit.auth.subscriptions.count()).toBe(1);
  const over = end(events);
  kit.auth.subscriptions.endAll();
  expect(await over).toBe('unavailable');
  expect(kit.auth.subscriptions.count()).toBe(0);
});

test('a subscription whose client has gone is forgotten, whether its resolver looks or not', async () => {
  await open();
  abort.abort();
  expect(kit.auth.subscriptions.count()).toBe(0);
});

test('a client that goes is no error', async () => {
  const events = await open();
  const next = events.next();
  abort.abort();
  expect((await next).done).toBe(true);
});
