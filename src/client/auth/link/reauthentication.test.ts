import { createTRPCUntypedClient, httpLink } from '@trpc/client';
import { expect, test, vi } from 'vitest';
import { scriptedTab } from '#testing/client/scripted-tab.ts';
import { reauthenticate } from '../features/step-up/index.ts';
import { isIdentityChanged, type ReauthenticationRequest, reasonOf } from '../index.ts';
import { settle } from '../testing/clock.ts';
import { type AuthKitTab, createAuthKit } from '../testing/index.ts';

/** A prompt that is open, to be answered by the test. */
interface OpenPrompt extends ReauthenticationRequest {
  confirm: () => void;
  cancel: () => void;
}

/** Somebody who signed in too long ago for what they are about to do, and what they are asked. */
const setUp = async () => {
  const ran: string[] = [];
  const carryOut = ({ input }: { input: unknown }): unknown => {
    ran.push(String(input));
    return input;
  };
  const kit = createAuthKit({ freshProcedures: { 'notes.purge': carryOut }, procedures: { 'notes.list': () => [] } });
  kit.signedIn('ada');

  const openTab = async () => {
    const tab = kit.openTab();
    tab.auth.start();
    await kit.settle();
    const prompts: OpenPrompt[] = [];
    const stopHandling = tab.auth.onReauthenticate(
      (request) =>
        new Promise((resolve, reject) => {
          prompts.push({
            ...request,
            confirm: () => void reauthenticate(tab.auth, { password: 'right' }).then(resolve, reject),
            cancel: () => reject(new Error('No.')),
          });
        }),
    );
    return { tab, prompts, stopHandling, client: createTRPCUntypedClient({ links: tab.auth.links() }) };
  };

  const first = await openTab();
  kit.expireProofs();
  return { kit, ran, openTab, ...first };
};

const settled = async (call: Promise<unknown>) => {
  let result: { data: unknown } | { error: unknown } | null = null;
  call.then(
    (data) => {
      result = { data };
    },
    (error: unknown) => {
      result = { error };
    },
  );
  return { result: () => result, reason: () => (result && 'error' in result ? reasonOf(result.error) : null) };
};

test('20 mutations at once open one prompt, and each resolver runs once', async () => {
  const { kit, client, prompts, ran } = await setUp();
  const numbers = Array.from({ length: 20 }, (_, index) => index);
  const calls = Promise.all(numbers.map((number) => client.mutation('notes.purge', number)));
  await kit.settle();
  expect(prompts).toHaveLength(1);
  expect(prompts[0]).toMatchObject({ maxAge: 600, methods: ['password'] });
  expect(ran).toEqual([]);
  prompts[0]?.confirm();
  expect(await calls).toEqual(numbers);
  expect(ran.toSorted((a, b) => Number(a) - Number(b))).toEqual(numbers.map(String));
  expect(prompts).toHaveLength(1);
  expect(prompts[0]?.signal.aborted).toBe(true);
});

test('in a batch only the calls that were refused wait', async () => {
  const { kit, client, prompts } = await setUp();
  const purge = client.mutation('notes.purge', 1);
  expect(await client.mutation('notes.list')).toEqual([]);
  expect(kit.sent('notes.list')).toBe(1);
  prompts[0]?.confirm();
  expect(await purge).toBe(1);
});

test('a call that travels by itself is held as well', async () => {
  const { kit, tab, prompts } = await setUp();
  const client = createTRPCUntypedClient({ links: [tab.auth.link(), httpLink(tab.auth.httpOptions())] });
  const call = client.mutation('notes.purge', 1);
  await kit.settle();
  prompts[0]?.confirm();
  expect(await call).toBe(1);
});

test('a mutation of the router auth is held, and travels alone again', async () => {
  const { kit, client, prompts } = await setUp();
  kit.refuseNext('reauthentication_required', 'auth.changePassword');
  const call = client.mutation('auth.changePassword', { newPassword: 'another' });
  await kit.settle();
  expect(prompts).toHaveLength(1);
  prompts[0]?.confirm();
  expect(await call).toBe('ada');
  expect(kit.sent('auth.changePassword')).toBe(2);
});

test('who signs out while a mutation of the router auth is held drops it', async () => {
  const { kit, tab, client, prompts } = await setUp();
  kit.refuseNext('reauthentication_required', 'auth.changePassword');
  const call = await settled(client.mutation('auth.changePassword', {}));
  await kit.settle();
  void tab.auth.signOut();
  await kit.settle();
  expect(call.result()).toMatchObject({ error: expect.any(Error) });
  expect(prompts[0]?.signal.aborted).toBe(true);
  expect(kit.sent('auth.changePassword')).toBe(1);
});

test('a second refusal is passed on', async () => {
  const { kit, client, prompts } = await setUp();
  const call = await settled(client.mutation('notes.purge', 1));
  await kit.settle();
  kit.refuseNext('reauthentication_required', 'notes.purge');
  prompts[0]?.confirm();
  await kit.settle();
  expect(call.reason()).toBe('reauthentication_required');
  expect(prompts).toHaveLength(1);
});

test('a handler that proves nothing is followed by the refusal', async () => {
  const { kit, tab, client } = await setUp();
  tab.auth.onReauthenticate(async () => {});
  const call = await settled(client.mutation('notes.purge', 1));
  await kit.settle();
  expect(call.reason()).toBe('reauthentication_required');
  expect(kit.sent('notes.purge')).toBe(2);
});

test('cancelled, all that wait get the refusal, and the next call asks anew', async () => {
  const { kit, client, prompts, ran } = await setUp();
  const calls = await Promise.all([1, 2].map((number) => settled(client.mutation('notes.purge', number))));
  await kit.settle();
  prompts[0]?.cancel();
  await kit.settle();
  for (const call of calls) expect(call.reason()).toBe('reauthentication_required');
  const next = client.mutation('notes.purge', 3);
  await kit.settle();
  expect(prompts).toHaveLength(2);
  prompts[1]?.confirm();
  expect(await next).toBe(3);
  expect(ran).toEqual(['3']);
});

test.each([
  [
    'throws',
    (): Promise<void> => {
      throw new Error('A defect.');
    },
  ],
  ['rejects', (): Promise<void> => Promise.reject(new Error('A defect.'))],
])('a handler that %s is followed by the refusal', async (_, handler) => {
  const { kit, tab, client } = await setUp();
  tab.auth.onReauthenticate(handler);
  const call = await settled(client.mutation('notes.purge', 1));
  await kit.settle();
  expect(call.reason()).toBe('reauthentication_required');
});

test('without a handler the caller gets the refusal, also in a tab that nobody sees', async () => {
  const { kit, tab, client, stopHandling } = await setUp();
  stopHandling();
  const seen = await settled(client.mutation('notes.purge', 1));
  await kit.settle();
  expect(seen.reason()).toBe('reauthentication_required');
  tab.show(false);
  const hidden = await settled(client.mutation('notes.purge', 1));
  await kit.settle();
  expect(hidden.reason()).toBe('reauthentication_required');
});

test('a handler that is taken away half-way leaves no call waiting, and the next one asks again', async () => {
  const { kit, tab, client } = await setUp();
  const asked = vi.fn<(request: ReauthenticationRequest) => Promise<void>>(() => new Promise(() => {}));
  const stopHandling = tab.auth.onReauthenticate(asked);
  const call = await settled(client.mutation('notes.purge', 1));
  await kit.settle();
  expect(asked).toHaveBeenCalledTimes(1);
  stopHandling();
  await kit.settle();
  expect(call.reason()).toBe('reauthentication_required');
  expect(asked.mock.calls[0]?.[0].signal.aborted).toBe(true);
  tab.auth.onReauthenticate(() => reauthenticate(tab.auth, { password: 'right' }));
  // Taking back what is no longer there takes nothing from the next one.
  stopHandling();
  expect(await client.mutation('notes.purge', 2)).toBe(2);
});

test('a call that is aborted leaves the prompt to the others, and the last one closes it', async () => {
  const { kit, client, prompts } = await setUp();
  const [one, other] = [new AbortController(), new AbortController()];
  const first = await settled(client.mutation('notes.purge', 1, { signal: one.signal }));
  const second = await settled(client.mutation('notes.purge', 2, { signal: other.signal }));
  await kit.settle();
  one.abort();
  await kit.settle();
  expect(first.result()).toMatchObject({ error: { cause: { name: 'AbortError' } } });
  expect(prompts[0]?.signal.aborted).toBe(false);
  other.abort();
  expect(prompts[0]?.signal.aborted).toBe(true);
  // One that comes in the same breath does not join what is over.
  const third = client.mutation('notes.purge', 3);
  await kit.settle();
  expect(second.result()).toMatchObject({ error: { cause: { name: 'AbortError' } } });
  expect(prompts).toHaveLength(2);
  prompts[1]?.confirm();
  expect(await third).toBe(3);
});

test.each([
  ['a sign-out', (tab: AuthKitTab) => tab.auth.signOut()],
  ['a switch of users', (tab: AuthKitTab) => tab.auth.signIn({ username: 'bob', password: 'x' })],
])('%s drops what waits, and closes the prompt', async (_, leave) => {
  const { kit, tab, client, prompts, ran } = await setUp();
  const call = await settled(client.mutation('notes.purge', 1));
  await kit.settle();
  void leave(tab);
  await kit.settle();
  const result = call.result();
  expect(result !== null && 'error' in result && isIdentityChanged(result.error)).toBe(true);
  expect(prompts[0]?.signal.aborted).toBe(true);
  prompts[0]?.confirm();
  await kit.settle();
  expect(ran).toEqual([]);
});

test('a query opens a prompt only where it says so', async () => {
  const { kit, client, prompts } = await setUp();
  const inBackground = await settled(client.query('notes.purge', 1));
  await kit.settle();
  expect(inBackground.reason()).toBe('reauthentication_required');
  expect(prompts).toHaveLength(0);
  const pressed = client.query('notes.purge', 1, { context: { prompt: true } });
  await kit.settle();
  prompts[0]?.confirm();
  expect(await pressed).toBe(1);
});

test('a resolver that throws the reason is not resumed', async () => {
  const { kit, client, prompts } = await setUp();
  const before = kit.sent('notes.list');
  kit.refuseNext('rate_limited', 'notes.list');
  const call = await settled(client.mutation('notes.list'));
  await kit.settle();
  expect(call.reason()).toBe('rate_limited');
  expect(prompts).toHaveLength(0);
  expect(kit.sent('notes.list')).toBe(before + 1);
});

test('a hidden tab asks when it is seen', async () => {
  const { kit, tab, client, prompts } = await setUp();
  tab.show(false);
  const call = client.mutation('notes.purge', 1);
  await kit.settle();
  expect(prompts).toHaveLength(0);
  tab.show(true);
  await kit.settle();
  expect(prompts).toHaveLength(1);
  prompts[0]?.confirm();
  expect(await call).toBe(1);
});

test('a hidden tab whose calls were aborted asks nobody when it is seen', async () => {
  const { kit, tab, client, prompts } = await setUp();
  tab.show(false);
  const controller = new AbortController();
  const call = await settled(client.mutation('notes.purge', 1, { signal: controller.signal }));
  await kit.settle();
  controller.abort();
  tab.show(true);
  await kit.settle();
  expect(call.result()).toMatchObject({ error: { cause: { name: 'AbortError' } } });
  expect(prompts).toHaveLength(0);
});

test('another tab asks nobody again, whether its call comes later or has waited hidden', async () => {
  const { kit, openTab, client, prompts } = await setUp();
  const other = await openTab();
  other.tab.show(false);
  const waiting = other.client.mutation('notes.purge', 'waited');
  const here = client.mutation('notes.purge', 'here');
  await kit.settle();
  prompts[0]?.confirm();
  expect(await here).toBe('here');
  other.tab.show(true);
  expect(await waiting).toBe('waited');
  expect(await other.client.mutation('notes.purge', 'later')).toBe('later');
  expect(other.prompts).toHaveLength(0);
});

test('a refusal of a token that is no longer the newest is sent again without a prompt', async () => {
  const { tab, client, attempts } = await scriptedTab();
  const ask = vi.fn<() => Promise<void>>(() => reauthenticate(tab.auth, { password: 'right' }));
  tab.auth.onReauthenticate(ask);
  const first = client.mutation('notes.purge', 1);
  const second = client.mutation('notes.purge', 2);
  const background = client.query('notes.purge', 3);
  await settle();
  attempts[0]?.demand();
  await settle();
  attempts[1]?.demand();
  attempts[2]?.demand();
  await settle();
  expect(ask).toHaveBeenCalledTimes(1);
  for (const [index, attempt] of attempts.slice(3).entries()) attempt.answer(index);
  expect(await Promise.all([first, second, background])).toEqual([0, 1, 2]);
  expect(ask).toHaveBeenCalledTimes(1);
});

test('what is refused again with the newest token opens a prompt after all', async () => {
  const { tab, client, attempts } = await scriptedTab();
  const ask = vi.fn<() => Promise<void>>(() => reauthenticate(tab.auth, { password: 'right' }));
  tab.auth.onReauthenticate(ask);
  const call = client.mutation('notes.purge', 1);
  await settle();
  // Another call has had the token renewed meanwhile, which proves nothing.
  await client.mutation('auth.refresh');
  attempts[0]?.demand();
  await settle();
  expect(ask).not.toHaveBeenCalled();
  attempts[1]?.demand();
  await settle();
  expect(ask).toHaveBeenCalledTimes(1);
  attempts[2]?.answer('purged');
  expect(await call).toBe('purged');
});

test('what the gate refuses after the proof is sent once more, and no call more than once in the hands of a resolver', async () => {
  const { tab, client, attempts } = await scriptedTab();
  tab.auth.onReauthenticate(() => reauthenticate(tab.auth, { password: 'right' }));
  const call = client.mutation('notes.purge', 1);
  await settle();
  attempts[0]?.demand();
  await settle();
  attempts[1]?.refuse('access_token_stale');
  await settle();
  attempts[2]?.fail(new Error('The connection broke.'));
  await expect(call).rejects.toThrow('The connection broke.');
  expect(attempts).toHaveLength(3);
});

test('a subscription opens no prompt', async () => {
  const { tab, client, attempts } = await scriptedTab();
  const ask = vi.fn<() => Promise<void>>(async () => {});
  tab.auth.onReauthenticate(ask);
  const onError = vi.fn<(error: unknown) => void>();
  client.subscription('notes.onChange', undefined, { onError, context: { prompt: true } });
  await settle();
  attempts[0]?.demand();
  await settle();
  expect(ask).not.toHaveBeenCalled();
  expect(reasonOf(onError.mock.calls[0]?.[0])).toBe('reauthentication_required');
});
