// @vitest-environment happy-dom
import { createTRPCUntypedClient } from '@trpc/client';
import { beforeEach, expect, test, vi } from 'vitest';
import { createChannelClass } from '#testing/client/broadcast-channel.ts';
import { reasonOf } from '../../index.ts';
import { createAuthKit } from '../../testing/index.ts';
import { provenElsewhere, reauthenticate } from './index.ts';

let channels: ReturnType<typeof createChannelClass>;

beforeEach(() => {
  channels = createChannelClass();
  vi.stubGlobal('BroadcastChannel', channels.Channel);
});

/** Somebody with tabs who signed in too long ago for what they are about to do, and what each of them asks. */
const setUp = async () => {
  const ran: string[] = [];
  const kit = createAuthKit({
    freshProcedures: {
      'notes.purge': ({ input }) => {
        ran.push(String(input));
        return input;
      },
    },
  });
  kit.signedIn('ada');
  const openTab = async () => {
    const { auth } = kit.openTab();
    auth.start();
    await kit.settle();
    const signals: AbortSignal[] = [];
    auth.onReauthenticate(({ signal }) => {
      signals.push(signal);
      return provenElsewhere(auth, { signal });
    });
    const client = createTRPCUntypedClient({ links: auth.links() });
    return { auth, signals, purge: (name: string) => client.mutation('notes.purge', name) };
  };
  const [tab, other] = [await openTab(), await openTab()];
  kit.expireProofs();
  return { kit, ran, tab, other };
};

test('a proof in one tab lets the calls of the other go on, each once, and ends its prompt', async () => {
  const { kit, ran, tab, other } = await setUp();
  const calls = Promise.all(['one', 'two'].map(other.purge));
  await kit.settle();
  expect(other.signals).toHaveLength(1);
  await reauthenticate(tab.auth, { password: 'right' });
  expect(await calls).toEqual(['one', 'two']);
  expect(ran).toEqual(['one', 'two']);
  expect(other.signals.map(({ aborted }) => aborted)).toEqual([true]);
  expect(kit.sent('auth.reauthenticate')).toBe(1);
  expect(channels.open.size).toBe(0);
});

test('a wrong proof is nobody’s, and a prompt that is over hears nothing more', async () => {
  const { kit, ran, tab, other } = await setUp();
  const call = other.purge('one').catch(() => 'dropped');
  await kit.settle();
  expect(await reauthenticate(tab.auth, { password: 'wrong' }).catch(reasonOf)).toBe('invalid_credentials');
  await kit.settle();
  expect(ran).toEqual([]);
  expect(other.signals[0]?.aborted).toBe(false);

  const before = kit.sent('auth.refresh');
  void other.auth.signOut();
  expect(await call).toBe('dropped');
  expect(channels.open.size).toBe(0);
  expect(kit.sent('auth.refresh')).toBe(before);
});

test('what another script says in place of a tab proves nothing', async () => {
  const { kit, ran, other } = await setUp();
  const call = other.purge('one').catch(reasonOf);
  await kit.settle();
  const [channel] = channels.open;
  if (channel === undefined) throw new Error('Nobody listens.');
  new BroadcastChannel(channel.name).postMessage(null);
  expect(await call).toBe('reauthentication_required');
  expect(ran).toEqual([]);
});

test('users tell each other nothing', async () => {
  const { kit, ran, tab, other } = await setUp();
  const call = other.purge('one').catch(() => 'dropped');
  await kit.settle();
  const [channel] = channels.open;
  await tab.auth.signIn({ username: 'bob', password: 'x' });
  await kit.settle();
  await reauthenticate(tab.auth, { password: 'right' });
  expect(await call).toBe('dropped');
  expect(ran).toEqual([]);
  expect(channel?.name).not.toContain('bob');
});

test('without channels the other tab waits for its own proof', async () => {
  vi.stubGlobal('BroadcastChannel', undefined);
  const { kit, ran, tab, other } = await setUp();
  const call = other.purge('one').catch(() => 'dropped');
  await kit.settle();
  await reauthenticate(tab.auth, { password: 'right' });
  await kit.settle();
  expect(ran).toEqual([]);
  expect(other.signals[0]?.aborted).toBe(false);
  void other.auth.signOut();
  expect(await call).toBe('dropped');
});
