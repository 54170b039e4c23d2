import { expect, test } from 'vitest';
import { createTestBrowser } from '#testing/client/browser.ts';
import { settle } from '../testing/clock.ts';

const bob = { username: 'bob', password: 'battery staple' };

const openTabs = (count: number, options: Parameters<typeof createTestBrowser>[0] = {}) => {
  const browser = createTestBrowser({ hasLocks: true, ...options });
  browser.signedInBefore('ada');
  return { browser, tabs: Array.from({ length: count }, () => browser.openTab()) };
};

test('ten tabs that start at once refresh one after the other', async () => {
  const { browser, tabs } = openTabs(10);
  for (const { network } of tabs) network.next('hold');
  for (const { auth } of tabs) auth.start();
  for (let sent = 1; sent <= 10; sent += 1) {
    await settle();
    const all = tabs.flatMap(({ network }) => network.log);
    expect(all).toHaveLength(sent);
    all.find(({ isDone }) => !isDone())?.deliver();
  }
  await settle();
  for (const { auth } of tabs) expect(auth.getState().status).toBe('authenticated');
  expect(browser.locks.mostHolders()).toBe(1);
});

test('a holder that never lets go holds nobody up for more than 3 seconds', async () => {
  const { browser, tabs } = openTabs(2);
  browser.locks.orphan('latchkey');
  for (const { auth } of tabs) auth.start();
  await browser.clock.advance(2_999);
  expect(tabs.flatMap(({ network }) => network.log)).toHaveLength(0);
  await browser.clock.advance(1);
  for (const { auth, network } of tabs) {
    expect(auth.getState().status).toBe('authenticated');
    expect(network.log).toHaveLength(1);
  }
});

test('a lock that is granted after the wait was given up refreshes no second time', async () => {
  const { browser, tabs } = openTabs(2);
  const [first, second] = tabs;
  first?.network.next('hold');
  first?.auth.start();
  await settle();
  second?.auth.start();
  await browser.clock.advance(3_000);
  expect(second?.network.log).toHaveLength(1);
  first?.network.log[0]?.deliver();
  await settle();
  expect(second?.network.log).toHaveLength(1);
});

test('who waited for the lock looks at the hint anew: a sign-out meanwhile is followed, and nothing asked', async () => {
  const { browser, tabs } = openTabs(2);
  const [first, second] = tabs;
  first?.network.next('hold', 'auth.refresh');
  first?.network.usually('lose request');
  first?.auth.start();
  await settle();
  second?.auth.start();
  await first?.auth.signOut();
  await settle();
  expect(second?.network.sent('auth.refresh')).toHaveLength(0);
  expect(second?.auth.getState()).toMatchObject({ status: 'anonymous', ended: { reason: 'signed_out' } });
  expect(browser.jar.hint).toBe('out');
});

test('a sign-out ends the waiting for the lock at once', async () => {
  const { browser, tabs } = openTabs(1);
  browser.locks.orphan('latchkey');
  const [tab] = tabs;
  tab?.auth.start();
  const signIn = tab?.auth.signIn(bob).catch((error: unknown) => error);
  await settle();
  await tab?.auth.signOut();
  expect(await signIn).toHaveProperty('name', 'IdentityChangedError');
  await browser.clock.advance(10_000);
  expect(tab?.network.log.map(({ path }) => path)).toEqual(['auth.logout']);
});

test('a sign-in waits for a refresh in another tab, whose cookies could come after its own', async () => {
  const { tabs } = openTabs(2);
  const [first, second] = tabs;
  first?.network.next('hold');
  first?.auth.start();
  await settle();
  const signedIn = second?.auth.signIn(bob);
  await settle();
  expect(second?.network.log).toHaveLength(0);
  first?.network.log[0]?.deliver();
  await signedIn;
  expect(second?.auth.getState()).toMatchObject({ user: { username: 'bob' } });
});

test('locks that a browser forbids are done without', async () => {
  const { browser, tabs } = openTabs(1);
  browser.locks.locks.request = () => Promise.reject(new DOMException('Not here.', 'SecurityError'));
  tabs[0]?.auth.start();
  await settle();
  expect(tabs[0]?.auth.getState().status).toBe('authenticated');
});
