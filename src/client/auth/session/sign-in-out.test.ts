import { TRPCClientError } from '@trpc/client';
import { expect, test } from 'vitest';
import { createTestBrowser, isMarkedOut } from '#testing/client/browser.ts';
import { type AuthClient, IdentityChangedError, isOffline, NextStepError, reasonOf } from '../index.ts';
import { settle } from '../testing/clock.ts';
import { refusal, unavailable } from '../testing/server.ts';

const ada = { username: 'ada', password: 'correct horse' };
const bob = { username: 'bob', password: 'battery staple' };

const signedIn = async () => {
  const browser = createTestBrowser();
  browser.signedInBefore('ada');
  const tab = browser.openTab();
  tab.auth.start();
  await settle();
  return { browser, tab };
};

test('a sign-in gives the user and keeps the token to itself', async () => {
  const tab = createTestBrowser().openTab();
  const user = await tab.auth.signIn(ada);
  expect(user.username).toBe('ada');
  expect(tab.auth.getState()).toEqual({ status: 'authenticated', offline: false, user });
  expect(tab.auth.headers()).toEqual({ authorization: 'Bearer access-1', 'x-latchkey': '1' });
  expect(JSON.stringify([user, tab.auth.getState(), Object.values(tab.auth)])).not.toContain('access-1');
});

test('a sign-up signs in', async () => {
  const tab = createTestBrowser().openTab();
  const user = await tab.auth.signUp({ ...ada, email: 'ada@example.com' });
  expect(user.username).toBe('ada');
  expect(tab.network.sent('auth.register')[0]?.input).toEqual({ ...ada, email: 'ada@example.com' });
});

test.each([
  ['a sign-in', 'auth.login', (auth: AuthClient) => auth.signIn(ada)],
  ['a sign-up', 'auth.register', (auth: AuthClient) => auth.signUp({ ...ada, email: 'ada@example.com' })],
])('%s that asks for another step rejects with it, and changes nothing', async (_, path, enter) => {
  const { tab } = await signedIn();
  const before = tab.auth.getState();
  const next = { next: 'second_factor', methods: ['totp'], expiresIn: 600 };
  tab.network.next({ body: { result: { data: next } } }, path);
  const error: unknown = await enter(tab.auth).catch((refused: unknown) => refused);
  expect(error).toBeInstanceOf(NextStepError);
  expect(error).toMatchObject({ name: 'NextStepError', next });
  expect(tab.auth.getState()).toBe(before);
});

test('a refused sign-in rejects with its reason and changes nothing', async () => {
  const { tab } = await signedIn();
  const before = tab.auth.getState();
  const error = await tab.auth.signIn({ ...ada, username: 'wrong' }).catch((error: unknown) => error);
  expect(reasonOf(error)).toBe('invalid_credentials');
  expect(isOffline(error)).toBe(false);
  expect(tab.auth.getState()).toBe(before);
});

test('a sign-in without an answer rejects as offline', async () => {
  const tab = createTestBrowser().openTab();
  tab.network.next('lose request');
  const error = await tab.auth.signIn(ada).catch((error: unknown) => error);
  expect(isOffline(error)).toBe(true);
  expect(tab.auth.getState().status).toBe('anonymous');
});

test.each([true, false])(
  'a sign-in that cannot be written down is a defect of the page (locks %s)',
  async (hasLocks) => {
    const tab = createTestBrowser({ hasLocks }).openTab();
    const circle: Record<string, unknown> = {};
    circle['connection'] = circle;
    const error = await tab.auth.signIn({ ...ada, ...circle }).catch((error: unknown) => error);
    expect([isOffline(error), error]).toEqual([false, expect.any(TypeError)]);
    expect(tab.network.log).toHaveLength(0);
    expect(await tab.auth.signIn(ada)).toMatchObject({ username: 'ada' });
  },
);

test('a sign-in that is answered in another form, as by another transformer, is no matter of the network', async () => {
  const tab = createTestBrowser().openTab();
  tab.network.next({ body: { result: { data: { json: { accessToken: 'access-1', expiresIn: 900 } } } } });
  const error = await tab.auth.signIn(ada).catch((error: unknown) => error);
  expect(isOffline(error)).toBe(false);
  expect(error).toBeInstanceOf(TRPCClientError);
  expect(error).toHaveProperty('message', 'Unable to transform response from server');
  expect(tab.auth.getState().status).toBe('anonymous');
});

test('a sign-in whose answer broke off after its cookies came is found out by the hint', async () => {
  const { browser, tab } = await signedIn();
  tab.network.next('hold', 'auth.login');
  const attempt = tab.auth.signIn(bob).catch((error: unknown) => error);
  await settle();
  const [login] = tab.network.sent('auth.login');
  login?.arrive();
  Object.assign(browser.jar, { refresh: 'sid-2', hint: 'hint-2' });
  login?.lose();
  expect(isOffline(await attempt)).toBe(true);
  await settle();
  expect(tab.auth.getState()).toMatchObject({ status: 'authenticated', user: { username: 'bob' } });
});

test('a sign-in wins over a refresh that is under way, which is called off', async () => {
  const browser = createTestBrowser();
  browser.signedInBefore('ada');
  const tab = browser.openTab();
  tab.network.next('hold');
  tab.auth.start();
  await settle();
  await tab.auth.signIn(bob);
  expect(tab.network.log[0]?.isAborted()).toBe(true);
  tab.network.log[0]?.deliver();
  await settle();
  expect(tab.auth.getState()).toMatchObject({ user: { username: 'bob' } });
});

test('a refused sign-in during a restore lets the restore go on', async () => {
  const browser = createTestBrowser();
  browser.signedInBefore('ada');
  const tab = browser.openTab();
  tab.network.next('hold');
  tab.auth.start();
  await settle();
  await tab.auth.signIn({ ...ada, username: 'wrong' }).catch(() => undefined);
  await settle();
  expect(tab.auth.getState()).toMatchObject({ status: 'authenticated', user: { username: 'ada' } });
});

test('two sign-ins go one after the other, and the last one counts', async () => {
  const browser = createTestBrowser();
  const tab = browser.openTab();
  tab.network.next('hold');
  const first = tab.auth.signIn(ada);
  const second = tab.auth.signIn(bob);
  await settle();
  expect(tab.network.log).toHaveLength(1);
  tab.network.log[0]?.deliver();
  await Promise.all([first, second]);
  expect(tab.auth.getState()).toMatchObject({ user: { username: 'bob' } });
  expect(browser.server.isLive('sid-1')).toBe(false);
});

test('signing out drops the token and the user at once, before the server has answered', async () => {
  const { browser, tab } = await signedIn();
  tab.network.next('hold');
  const done = tab.auth.signOut();
  expect(tab.auth.getState()).toEqual({ status: 'anonymous', offline: false, ended: { reason: 'signed_out' } });
  expect(tab.auth.headers()).not.toHaveProperty('authorization');
  expect(isMarkedOut(browser.jar)).toBe(true);
  await settle();
  tab.network.sent('auth.logout')[0]?.deliver();
  await done;
  expect(browser.jar).toEqual({ refresh: null, hint: null });
});

test('the logout carries the access token, so that the session ends also when the cookie is gone', async () => {
  const { browser, tab } = await signedIn();
  browser.jar.refresh = null;
  await tab.auth.signOut();
  expect(tab.network.sent('auth.logout')[0]).toMatchObject({ accessToken: 'access-1', init: { keepalive: true } });
  expect(browser.server.isLive('sid-1')).toBe(false);
});

test('signing out without the server keeps this browser out, and tells the server as soon as it can', async () => {
  const { browser, tab } = await signedIn();
  tab.network.usually('lose request');
  await tab.auth.signOut();
  await browser.clock.advance(60_000);
  expect(isMarkedOut(browser.jar)).toBe(true);
  expect(browser.server.isLive('sid-1')).toBe(true);
  tab.network.usually('pass');
  tab.connect(true);
  await settle();
  expect(browser.server.isLive('sid-1')).toBe(false);
  expect(browser.jar.hint).toBeNull();
});

test('a logout that the store cannot take is retried', async () => {
  const { browser, tab } = await signedIn();
  tab.network.next(unavailable());
  await tab.auth.signOut();
  expect(browser.server.isLive('sid-1')).toBe(true);
  await browser.clock.advance(1_000);
  expect(browser.server.isLive('sid-1')).toBe(false);
});

test('after a reload nothing is restored: the logout is tried first', async () => {
  const { browser, tab } = await signedIn();
  tab.network.usually('lose request');
  await tab.auth.signOut();
  tab.auth.stop();
  const reloaded = browser.openTab();
  reloaded.auth.start();
  await settle();
  expect(reloaded.network.log.map(({ path }) => path)).toEqual(['auth.logout']);
  expect(reloaded.auth.getState()).toMatchObject({ status: 'anonymous' });
  expect(browser.jar).toEqual({ refresh: null, hint: null });
  expect(browser.server.isLive('sid-1')).toBe(false);
});

test('a refresh that ends after a logout resurrects nothing, even if its cookies still come', async () => {
  const { browser, tab } = await signedIn();
  tab.network.next('hold');
  await browser.clock.advance(720_000);
  const refresh = tab.network.sent('auth.refresh')[1];
  refresh?.arrive();
  tab.network.next('lose request', 'auth.logout');
  await tab.auth.signOut();
  expect(refresh?.isAborted()).toBe(true);
  // As if the browser had set them before it heard of the abort.
  Object.assign(browser.jar, { refresh: 'sid-1', hint: 'hint-1' });
  tab.auth.sync();
  await settle();
  expect(tab.auth.getState().status).toBe('anonymous');
  await browser.clock.advance(1_000);
  expect(browser.server.isLive('sid-1')).toBe(false);
  expect(browser.jar.hint).toBeNull();
});

test('a grant whose answer has come is void after a logout, however far it got', async () => {
  for (let turns = 0; turns < 60; turns += 1) {
    const { browser, tab } = await signedIn();
    tab.network.next('hold');
    await browser.clock.advance(720_000);
    tab.network.sent('auth.refresh')[1]?.deliver();
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
    await tab.auth.signOut();
    await settle();
    expect(tab.auth.getState().status).toBe('anonymous');
    expect(tab.auth.headers()).not.toHaveProperty('authorization');
  }
});

test('a logout that the server holds back is not sent earlier, whatever wakes the page or comes to nothing meanwhile', async () => {
  const { browser, tab } = await signedIn();
  tab.network.next(refusal('rate_limited', { retryAfter: 60 }), 'auth.logout');
  await tab.auth.signOut();
  await browser.clock.advance(10_000);
  tab.connect(false);
  tab.connect(true);
  await tab.auth.signIn({ ...ada, username: 'wrong' }).catch(() => undefined);
  await browser.clock.advance(49_000);
  expect(tab.network.sent('auth.logout')).toHaveLength(1);
  await browser.clock.advance(12_000);
  expect(tab.network.sent('auth.logout')).toHaveLength(2);
});

test('a sign-in after an unheard logout is not undone by it', async () => {
  const { browser, tab } = await signedIn();
  tab.network.next('lose request', 'auth.logout');
  tab.network.next('hold', 'auth.logout');
  await tab.auth.signOut();
  await browser.clock.advance(1_000);
  await tab.auth.signIn(bob);
  expect(tab.network.sent('auth.logout')[1]?.isAborted()).toBe(true);
  await browser.clock.advance(600_000);
  expect(tab.network.sent('auth.logout')).toHaveLength(2);
  expect(tab.auth.getState()).toMatchObject({ status: 'authenticated', user: { username: 'bob' } });
  // The sign-in replaced the session that the logout did not reach.
  expect(browser.server.isLive('sid-1')).toBe(false);
  expect(browser.server.isLive('sid-2')).toBe(true);
});

test('a refused sign-in after an unheard logout lets the logout go on', async () => {
  const { browser, tab } = await signedIn();
  tab.network.next('lose request', 'auth.logout');
  await tab.auth.signOut();
  await tab.auth.signIn({ ...ada, username: 'wrong' }).catch(() => undefined);
  await settle();
  expect(browser.server.isLive('sid-1')).toBe(false);
});

test('signing out during a sign-in wins: the sign-in is dropped and its session ended', async () => {
  const browser = createTestBrowser();
  const tab = browser.openTab();
  tab.network.next('hold');
  const attempt = tab.auth.signIn(ada).catch((error: unknown) => error);
  await settle();
  tab.network.log[0]?.arrive();
  Object.assign(browser.jar, { refresh: 'sid-1', hint: 'hint-1' });
  await tab.auth.signOut();
  expect(await attempt).toBeInstanceOf(IdentityChangedError);
  await settle();
  expect(tab.auth.getState().status).toBe('anonymous');
  expect(browser.server.isLive('sid-1')).toBe(false);
  expect(tab.network.sent('auth.logout')).toHaveLength(1);
});

test('caches are told when the user changes or leaves, and not when a session is restored or renewed', async () => {
  const { browser, tab } = await signedIn();
  const told: string[] = [];
  tab.auth.onIdentityChange(() => told.push(tab.auth.getState().status));
  await browser.clock.advance(720_000);
  await tab.auth.signIn(ada);
  expect(told).toEqual([]);
  await tab.auth.signIn(bob);
  expect(told).toEqual(['authenticated']);
  await tab.auth.signOut();
  expect(told).toEqual(['authenticated', 'anonymous']);
});
