import { expect, test } from 'vitest';
import { createTestBrowser } from '#testing/client/browser.ts';
import { settle } from '../testing/clock.ts';
import { refusal, unavailable, userOf } from '../testing/server.ts';

test('an anonymous visitor makes no call at all', async () => {
  const tab = createTestBrowser().openTab();
  tab.auth.start();
  await settle();
  expect(tab.auth.getState()).toEqual({ status: 'anonymous', offline: false, ended: null });
  expect(tab.network.log).toHaveLength(0);
});

test('a browser with a session restores it with one refresh, however often it is started', async () => {
  const browser = createTestBrowser();
  browser.signedInBefore('ada');
  const tab = browser.openTab();
  expect(tab.auth.getState()).toEqual({ status: 'restoring', offline: false });
  tab.auth.start();
  tab.auth.start();
  await settle();
  expect(tab.auth.getState()).toEqual({ status: 'authenticated', offline: false, user: userOf('ada') });
  expect(tab.network.log).toHaveLength(1);
});

test('the refresh goes out by itself, with the headers that the server asks for', async () => {
  const browser = createTestBrowser();
  browser.signedInBefore('ada');
  const tab = browser.openTab();
  tab.auth.start();
  await settle();
  const [request] = tab.network.sent('auth.refresh');
  expect(request?.init).toMatchObject({ method: 'POST', credentials: 'include', redirect: 'error' });
  expect(Object.fromEntries(request?.headers ?? [])).toEqual({ 'content-type': 'application/json', 'x-latchkey': '1' });
});

test('a refusal ends the restore, says why and removes the hint', async () => {
  const browser = createTestBrowser();
  browser.signedInBefore('ada');
  browser.server.end(browser.jar.refresh, 'ended_by_user');
  const tab = browser.openTab();
  tab.auth.start();
  await settle();
  const ended = { reason: 'session_revoked', cause: 'ended_by_user' };
  expect(tab.auth.getState()).toEqual({ status: 'anonymous', offline: false, ended });
  expect(browser.jar.hint).toBeNull();
});

test('a refusal leaves a hint alone that changed since the refresh was sent, and restores as that session', async () => {
  const browser = createTestBrowser();
  browser.signedInBefore('ada');
  const tab = browser.openTab();
  tab.network.next('hold');
  tab.auth.start();
  await settle();
  browser.server.end('sid-1', 'replaced');
  tab.network.log[0]?.arrive();
  Object.assign(browser.jar, browser.server.openSession('bob'));
  tab.network.log[0]?.deliver();
  await settle();
  expect(tab.auth.getState()).toMatchObject({ status: 'authenticated', user: { username: 'bob' } });
  expect(browser.jar.hint).toBe('hint-2');
});

test('a refusal leaves a hint alone that an old answer has put there meanwhile', async () => {
  const browser = createTestBrowser();
  browser.signedInBefore('ada');
  const tab = browser.openTab();
  tab.auth.start();
  await settle();
  await tab.auth.signIn({ username: 'bob', password: 'battery staple' });
  browser.server.end('sid-2', 'ended_by_admin');
  tab.network.next('hold');
  await browser.clock.advance(720_000);
  const refresh = tab.network.log.at(-1);
  refresh?.arrive();
  browser.jar.hint = 'hint-1';
  refresh?.deliver();
  await settle();
  expect(tab.auth.getState()).toMatchObject({ status: 'anonymous', ended: { reason: 'session_revoked' } });
  expect(browser.jar.hint).toBe('hint-1');
});

test('a grant that was overtaken by another sign-in is asked for again, since nobody can tell whose it is', async () => {
  const browser = createTestBrowser();
  browser.signedInBefore('ada');
  const tab = browser.openTab();
  tab.network.next('hold');
  tab.auth.start();
  await settle();
  tab.network.log[0]?.arrive();
  const bob = browser.server.openSession('bob');
  const settled = tab.network.log[0];
  // The answer's own cookies came first, then those of the sign-in, and then the page runs.
  settled?.deliver();
  Object.assign(browser.jar, bob);
  await settle();
  expect(tab.network.log).toHaveLength(2);
  expect(tab.auth.getState()).toMatchObject({ status: 'authenticated', user: { username: 'bob' } });
});

test('each value of the hint is restored from once', async () => {
  const browser = createTestBrowser();
  browser.signedInBefore('ada');
  browser.server.end('sid-1', 'logout');
  const tab = browser.openTab();
  tab.auth.start();
  await settle();
  browser.jar.hint = 'hint-1';
  tab.show(true);
  tab.auth.sync();
  await settle();
  expect(tab.network.log).toHaveLength(1);
  expect(tab.auth.getState().status).toBe('anonymous');
});

const html = { status: 200, body: '<!doctype html><title>Hotel Wi-Fi</title>' };
const notFound = { status: 404, body: { error: { message: 'x', data: { code: 'NOT_FOUND', httpStatus: 404 } } } };
const unexpected = {
  status: 500,
  body: { error: { message: 'x', code: -32603, data: { code: 'INTERNAL_SERVER_ERROR', httpStatus: 500 } } },
};
const forged = { status: 401, body: { data: { reason: 'session_revoked' } } };
const halfGrant = { body: { result: { data: { accessToken: 'a b', expiresIn: 900, user: { id: '1' } } } } };

test.each([
  ['no network', 'lose request'],
  ['a lost answer', 'lose answer'],
  ['a captive portal', html],
  ['a 401 page of a proxy', { ...html, status: 401 }],
  ['a 401 that is not of tRPC', forged],
  ['a JSON 404', notFound],
  ['an unexpected error', unexpected],
  ['an unavailable store', unavailable()],
  ['a rate limit', refusal('rate_limited', { retryAfter: 1 })],
  ['two refresh cookies', refusal('refresh_token_ambiguous')],
  ['a reason that ends no session', refusal('access_token_invalid')],
  ['a foreign origin', refusal('origin_not_allowed')],
  ['a grant that is none', halfGrant],
  ['an empty answer', { body: '' }],
] as const)('%s ends no session: it is kept, marked offline, and restored later', async (_, fate) => {
  const browser = createTestBrowser();
  browser.signedInBefore('ada');
  const tab = browser.openTab();
  tab.network.next(fate);
  tab.auth.start();
  await settle();
  expect(tab.auth.getState()).toEqual({ status: 'restoring', offline: true });
  expect(browser.jar.hint).toBe('hint-1');
  await browser.clock.advance(1_000);
  expect(tab.auth.getState()).toMatchObject({ status: 'authenticated', offline: false });
});

test('a refresh that is not answered in 10 seconds counts as lost', async () => {
  const browser = createTestBrowser();
  browser.signedInBefore('ada');
  const tab = browser.openTab();
  tab.network.next('hold');
  tab.auth.start();
  await browser.clock.advance(9_999);
  expect(tab.auth.getState().offline).toBe(false);
  await browser.clock.advance(1);
  expect(tab.auth.getState()).toEqual({ status: 'restoring', offline: true });
  expect(tab.network.log[0]?.isAborted()).toBe(true);
});

test('attempts come further and further apart, at most a minute', async () => {
  const browser = createTestBrowser({ random: () => 1 });
  browser.signedInBefore('ada');
  const tab = browser.openTab();
  tab.network.usually('lose request');
  tab.auth.start();
  const counts: number[] = [];
  for (const seconds of [1, 2, 4, 8, 16, 32, 60, 60]) {
    await browser.clock.advance(seconds * 1_000);
    counts.push(tab.network.log.length);
  }
  expect(counts).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
});

test('a wait that the server asks for is kept, whatever wakes the page', async () => {
  const browser = createTestBrowser();
  browser.signedInBefore('ada');
  const tab = browser.openTab();
  tab.network.next(refusal('rate_limited', { retryAfter: 30 }));
  tab.auth.start();
  await settle();
  tab.connect(true);
  tab.show(true);
  await browser.clock.advance(29_000);
  expect(tab.network.log).toHaveLength(1);
  await browser.clock.advance(1_000);
  expect(tab.auth.getState().status).toBe('authenticated');
});

test.each(['online', 'visible'] as const)('tries at once when the page is %s again', async (event) => {
  const browser = createTestBrowser({ random: () => 1 });
  browser.signedInBefore('ada');
  const tab = browser.openTab({ online: false });
  tab.network.next('lose request');
  tab.network.next('lose request');
  tab.network.next('lose request');
  tab.auth.start();
  await browser.clock.advance(3_500);
  expect(tab.auth.getState()).toEqual({ status: 'restoring', offline: true });
  const before = tab.network.log.length;
  if (event === 'online') tab.connect(true);
  else tab.show(true);
  await settle();
  expect(tab.network.log).toHaveLength(before + 1);
  expect(tab.auth.getState()).toMatchObject({ status: 'authenticated', offline: false });
});
