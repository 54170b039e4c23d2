import { createTRPCUntypedClient } from '@trpc/client';
import { EventSource } from 'eventsource';
import superjson from 'superjson';
import { expect, test } from 'vitest';
import { isOffline, reasonOf } from '../index.ts';
import { type AuthKitOptions, createAuthKit } from './index.ts';

const signedIn = async (options: AuthKitOptions = {}) => {
  const kit = createAuthKit(options);
  kit.signedIn('ada');
  const tab = kit.openTab();
  tab.auth.start();
  await kit.settle();
  return { kit, tab, client: createTRPCUntypedClient({ links: tab.auth.links() }) };
};

test('the app’s procedures are answered by the test’s own, behind the gate or open to all', async () => {
  const { client } = await signedIn({
    procedures: { 'notes.list': ({ user, input }) => ({ of: user.username, input }) },
    openProcedures: { 'news.list': () => ['news'] },
  });
  expect(await client.query('notes.list', { limit: 2 })).toEqual({ of: 'ada', input: { limit: 2 } });
  expect(await client.query('news.list')).toEqual(['news']);
});

test('calls in one turn are a batch, in which each has its own answer', async () => {
  const { kit, client } = await signedIn({
    procedures: {
      'notes.list': () => [],
      'notes.create': () => {
        throw new Error('No more room.');
      },
    },
  });
  const [list, create] = await Promise.allSettled([client.query('notes.list'), client.query('notes.create')]);
  expect(list).toMatchObject({ status: 'fulfilled', value: [] });
  expect(create).toMatchObject({ status: 'rejected', reason: { message: 'No more room.' } });
  expect(kit.sent('notes.list')).toBe(1);
});

test('access tokens end with the clock, or at once', async () => {
  const { kit, tab, client } = await signedIn({ accessTokenTtl: 60 });
  tab.show(false);
  await kit.clock.advance(61_000);
  expect(await client.query('me')).toBe('ada');
  expect(kit.sent('auth.refresh')).toBe(2);
  kit.expireAccessTokens();
  expect(await client.query('me')).toBe('ada');
  expect(kit.sent('auth.refresh')).toBe(3);
});

test('a lost response is a call that the server has carried out, and that is not sent again', async () => {
  let ran = 0;
  const { kit, client } = await signedIn({ procedures: { 'notes.create': () => (ran += 1) } });
  kit.loseNextResponse('notes.create');
  await expect(client.mutation('notes.create')).rejects.toThrow('Failed to fetch');
  expect(ran).toBe(1);
  expect(kit.sent('notes.create')).toBe(1);
});

test('a lost request never reaches the server', async () => {
  let ran = 0;
  const { kit, client } = await signedIn({ procedures: { 'notes.create': () => (ran += 1) } });
  kit.loseNextRequest('notes.create');
  await expect(client.mutation('notes.create')).rejects.toThrow('Failed to fetch');
  expect(ran).toBe(0);
});

test('offline, the session stays, and calls that need a new token say so', async () => {
  const { kit, tab, client } = await signedIn();
  kit.goOffline();
  expect(tab.auth.getState()).toMatchObject({ status: 'authenticated', offline: true });
  await kit.clock.advance(1_000_000);
  expect(isOffline(await client.query('me').catch((error: unknown) => error))).toBe(true);
  kit.recover();
  await kit.settle();
  expect(tab.auth.getState()).toMatchObject({ status: 'authenticated', offline: false });
});

test('a server whose store is down ends nothing', async () => {
  const { kit, tab, client } = await signedIn();
  kit.breakServer();
  expect(reasonOf(await client.query('me').catch((error: unknown) => error))).toBe('unavailable');
  expect(tab.auth.getState().status).toBe('authenticated');
  kit.recover();
  expect(await client.query('me')).toBe('ada');
});

test('a refusal can be put in the server’s mouth', async () => {
  const { kit, client } = await signedIn();
  kit.refuseNext('role_required', 'admin.users');
  expect(reasonOf(await client.query('admin.users').catch((error: unknown) => error))).toBe('role_required');
});

test('a second tab restores the same session, and follows a sign-out', async () => {
  const { kit, tab } = await signedIn();
  const second = kit.openTab();
  second.auth.start();
  await kit.settle();
  expect(second.auth.getState()).toMatchObject({ status: 'authenticated', user: { username: 'ada' } });
  await tab.auth.signOut();
  await kit.settle();
  expect(second.auth.getState().status).toBe('anonymous');
});

test('without locks and a channel, a second tab follows as well', async () => {
  const { kit, tab } = await signedIn({ coordinated: false });
  const second = kit.openTab();
  second.auth.start();
  await kit.settle();
  await tab.auth.signOut();
  await kit.clock.advance(1_000);
  expect(second.auth.getState().status).toBe('anonymous');
});

test('once thief and owner have both used a stolen cookie, the session ends', async () => {
  const { kit, tab } = await signedIn();
  const thief = kit.stealCookie();
  await kit.clock.advance(60_000);
  expect(thief.refresh()).toBeNull();
  await kit.clock.advance(900_000);
  expect(tab.auth.getState().status).toBe('authenticated');
  await kit.clock.advance(60_000);
  expect(thief.refresh()).toBe('refresh_token_reused');
  await kit.clock.advance(900_000);
  expect(tab.auth.getState()).toMatchObject({ status: 'anonymous', ended: { cause: 'reuse' } });
});

test('a session that is ended elsewhere ends here with its cause', async () => {
  const { kit, tab, client } = await signedIn();
  kit.endSession('password_changed');
  await client.query('me').catch(() => undefined);
  expect(tab.auth.getState()).toMatchObject({ status: 'anonymous', ended: { cause: 'password_changed' } });
});

test('nothing happens in a tab that is closed, and in a frozen one not before it is thawed', async () => {
  const { kit, tab } = await signedIn({ accessTokenTtl: 60 });
  tab.page.freeze();
  await kit.clock.advance(600_000);
  expect(kit.sent('auth.refresh')).toBe(1);
  tab.page.thaw();
  await kit.settle();
  expect(kit.sent('auth.refresh')).toBe(2);
  tab.page.close();
  await kit.clock.advance(600_000);
  expect(kit.sent('auth.refresh')).toBe(2);
});

const subscribed = async (options: AuthKitOptions = {}) => {
  const signed = await signedIn(options);
  const heard: unknown[] = [];
  const errors: unknown[] = [];
  createTRPCUntypedClient({ links: signed.tab.auth.links({ EventSource }) }).subscription('notes.onChange', undefined, {
    onData: (event) => heard.push(event),
    onError: (error) => errors.push(error),
  });
  await signed.kit.settle();
  return { ...signed, heard, errors };
};

test('a subscription hears what is emitted, from its start on', async () => {
  const { kit, heard } = await subscribed();
  kit.emit('notes.onChange', { text: 'one' });
  kit.emit('news.onChange', { text: 'of another subscription' });
  await kit.settle();
  expect(heard).toEqual([{ id: '1', data: { text: 'one' } }]);
});

test('a stream that is cut goes on after the last event: none is lost, none comes twice', async () => {
  const { kit, heard, errors } = await subscribed();
  kit.emit('notes.onChange', 'one');
  await kit.settle();
  kit.cutStreams();
  kit.emit('notes.onChange', 'two');
  expect(kit.streams('notes.onChange')).toBe(0);
  await kit.clock.advance(1_000);
  expect(kit.streams('notes.onChange')).toBe(1);
  kit.emit('notes.onChange', 'three');
  await kit.settle();
  expect(heard).toMatchObject([{ data: 'one' }, { data: 'two' }, { data: 'three' }]);
  expect(errors).toEqual([]);
});

test('a stream ends with its access token, by the clock or at once, and is there again with the next one', async () => {
  const { kit, heard } = await subscribed({ accessTokenTtl: 60 });
  kit.emit('notes.onChange', 'one');
  await kit.settle();
  kit.expireAccessTokens();
  expect(kit.streams('notes.onChange')).toBe(0);
  kit.emit('notes.onChange', 'two');
  await kit.settle();
  expect(kit.streams('notes.onChange')).toBe(1);
  await kit.clock.advance(61_000);
  kit.emit('notes.onChange', 'three');
  await kit.settle();
  expect(heard).toMatchObject([{ data: 'one' }, { data: 'two' }, { data: 'three' }]);
  expect(kit.sent('notes.onChange')).toBe(3);
});

test('a session that is ended elsewhere ends its streams with the reason', async () => {
  const { kit, tab, errors } = await subscribed();
  kit.endSession('password_changed');
  await kit.settle();
  expect(errors.map(reasonOf)).toEqual(['session_revoked']);
  expect(kit.streams('notes.onChange')).toBe(0);
  expect(tab.auth.getState()).toMatchObject({ status: 'anonymous', ended: { cause: 'password_changed' } });
});

test('a tab that is closed takes its stream with it', async () => {
  const { kit, tab } = await subscribed();
  tab.page.close();
  await kit.settle();
  expect(kit.streams('notes.onChange')).toBe(0);
});

test('a hidden tab and an offline one have no stream open, and catch up', async () => {
  const { kit, tab, heard } = await subscribed();
  kit.emit('notes.onChange', 'one');
  await kit.settle();
  tab.show(false);
  await kit.settle();
  expect(kit.streams('notes.onChange')).toBe(0);
  kit.emit('notes.onChange', 'two');
  tab.show(true);
  await kit.settle();
  kit.goOffline();
  expect(kit.streams('notes.onChange')).toBe(0);
  kit.emit('notes.onChange', 'three');
  kit.recover();
  await kit.settle();
  expect(heard).toMatchObject([{ data: 'one' }, { data: 'two' }, { data: 'three' }]);
});

test('with the transformer of the app’s router, what JSON cannot say arrives as it was, over streams too', async () => {
  const at = new Date('2024-01-01');
  const given: unknown[] = [];
  const { kit, tab, client, heard } = await subscribed({
    transformer: superjson,
    procedures: { 'notes.list': ({ input }) => given.push(input) && [{ at }] },
  });
  expect(await client.query('notes.list', { since: at })).toEqual([{ at }]);
  expect(given).toEqual([{ since: at }]);
  kit.emit('notes.onChange', { at });
  await kit.settle();
  expect(heard).toEqual([{ id: '1', data: { at } }]);
  kit.refuseNext('role_required', 'notes.list');
  expect(reasonOf(await client.query('notes.list').catch((error: unknown) => error))).toBe('role_required');
  await tab.auth.signIn({ username: 'bob', password: 'battery staple' });
  expect(tab.auth.getState()).toMatchObject({ user: { username: 'bob' } });
});
