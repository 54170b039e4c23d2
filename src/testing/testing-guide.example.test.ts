import { createTRPCClient } from '@trpc/client';
import { EventSource } from 'eventsource';
import { isOffline } from 'latchkey/client';
import { createAuthKit } from 'latchkey/testing';
import { expect, test } from 'vitest';
import type { AppRouter } from '#server/routers/index.ts';

/** A browser in which Ada is signed in, and your procedures as the test wants them. */
const openBrowser = async () => {
  const written: string[] = [];
  const kit = createAuthKit({
    procedures: {
      'notes.create': ({ input }) => written.push(JSON.stringify(input)),
      'notes.list': () => ({ notes: [], nextCursor: null }),
    },
  });
  kit.signedIn('ada');
  const tab = kit.openTab();
  tab.auth.start();
  await kit.settle();
  return { kit, tab, written, trpc: createTRPCClient<AppRouter>({ links: tab.auth.links() }) };
};

test('a list that is asked for with an expired token is there all the same', async () => {
  const { kit, trpc } = await openBrowser();
  kit.expireAccessTokens();
  expect(await trpc.notes.list.query()).toEqual({ notes: [], nextCursor: null });
  expect(kit.sent('auth.refresh')).toBe(2);
});

test('a note whose response is lost is written once, and the app hears that it may have been', async () => {
  const { kit, trpc, written } = await openBrowser();
  kit.loseNextResponse('notes.create');
  await expect(trpc.notes.create.mutate({ text: 'Buy milk' })).rejects.toThrow('Failed to fetch');
  expect(written).toHaveLength(1);
});

test('offline for an hour, Ada is still signed in, and calls fail as what they are', async () => {
  const { kit, tab, trpc } = await openBrowser();
  kit.goOffline();
  await kit.clock.advance(60 * 60_000);
  expect(isOffline(await trpc.notes.list.query().catch((error: unknown) => error))).toBe(true);
  expect(tab.auth.getState()).toMatchObject({ status: 'authenticated', offline: true });
  kit.recover();
  await kit.settle();
  expect(tab.auth.getState()).toMatchObject({ offline: false });
});

test('a second tab follows when the first signs out', async () => {
  const { kit, tab } = await openBrowser();
  const second = kit.openTab();
  second.auth.start();
  await kit.settle();
  await tab.auth.signOut();
  await kit.settle();
  expect(second.auth.getState().status).toBe('anonymous');
});

test('live notes go on where they were when the connection breaks', async () => {
  const { kit, tab } = await openBrowser();
  const live = createTRPCClient<AppRouter>({ links: tab.auth.links({ EventSource }) });
  const heard: unknown[] = [];
  live.notes.onChange.subscribe(undefined, { onData: ({ data }) => heard.push(data) });
  await kit.settle();
  kit.emit('notes.onChange', { type: 'deleted', id: 'first' });
  await kit.settle();
  kit.cutStreams();
  kit.emit('notes.onChange', { type: 'deleted', id: 'second' });
  await kit.clock.advance(1_000);
  expect(heard).toEqual([
    { type: 'deleted', id: 'first' },
    { type: 'deleted', id: 'second' },
  ]);
});

test('a stolen cookie ends the session as soon as both have used it', async () => {
  const { kit, tab } = await openBrowser();
  const thief = kit.stealCookie();
  await kit.clock.advance(60_000);
  expect(thief.refresh()).toBeNull();
  await kit.clock.advance(15 * 60_000); // Ada's tab renews its token meanwhile.
  expect(thief.refresh()).toBe('refresh_token_reused');
  await kit.clock.advance(15 * 60_000);
  expect(tab.auth.getState()).toMatchObject({ status: 'anonymous', ended: { cause: 'reuse' } });
});
