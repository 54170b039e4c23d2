import { expect, test } from 'vitest';
import { createTestBrowser } from './testing/browser.ts';
import { settle } from './testing/clock.ts';

const bob = { username: 'bob', password: 'battery staple' };

const twoTabs = async () => {
  const browser = createTestBrowser();
  browser.signedInBefore('ada');
  const here = browser.openTab();
  const there = browser.openTab();
  here.auth.start();
  there.auth.start();
  await settle();
  return { browser, here, there };
};

test('a tab that is shown follows a sign-in of another user elsewhere, and drops the old one’s caches', async () => {
  const { here, there } = await twoTabs();
  let cleared = 0;
  here.auth.onIdentityChange(() => {
    cleared += 1;
  });
  await there.auth.signIn(bob);
  here.show(true);
  await settle();
  expect(here.auth.getState()).toMatchObject({ status: 'authenticated', user: { username: 'bob' } });
  expect(cleared).toBe(1);
});

test('an anonymous tab that is shown follows a sign-in elsewhere', async () => {
  const browser = createTestBrowser();
  const here = browser.openTab();
  const there = browser.openTab();
  here.auth.start();
  await there.auth.signIn(bob);
  here.show(true);
  expect(here.auth.getState().status).toBe('restoring');
  await settle();
  expect(here.auth.getState()).toMatchObject({ status: 'authenticated', user: { username: 'bob' } });
});

test('a tab that is shown follows a sign-out elsewhere that the server has not heard of, without asking anybody', async () => {
  const { here, there } = await twoTabs();
  there.network.usually('lose request');
  await there.auth.signOut();
  here.show(true);
  expect(here.auth.getState()).toMatchObject({ status: 'anonymous', ended: { reason: 'signed_out' } });
});

test('a hint that is gone proves nothing: the server is asked', async () => {
  const { browser, here } = await twoTabs();
  browser.jar.hint = null;
  here.show(true);
  await settle();
  expect(here.auth.getState().status).toBe('authenticated');
  expect(browser.jar.hint).toBe('hint-1');
});

test('a tab that follows a sign-out tells the server only if the other tab does not', async () => {
  const { browser, here, there } = await twoTabs();
  there.network.next('hold', 'auth.logout');
  const done = there.auth.signOut();
  await settle();
  here.show(true);
  there.network.sent('auth.logout')[0]?.deliver();
  await done;
  await browser.clock.advance(60_000);
  expect(here.network.sent('auth.logout')).toHaveLength(0);

  await here.auth.signIn(bob);
  there.show(true);
  await settle();
  there.network.usually('lose request');
  await there.auth.signOut();
  there.auth.stop();
  here.show(true);
  await browser.clock.advance(60_000);
  expect(browser.server.isLive('sid-2')).toBe(false);
});

test('a sign-in elsewhere ends the waiting for a logout here', async () => {
  const { browser, here, there } = await twoTabs();
  here.network.usually('lose request');
  await here.auth.signOut();
  await there.auth.signIn(bob);
  here.network.usually('pass');
  await browser.clock.advance(60_000);
  here.connect(true);
  await settle();
  expect(browser.server.isLive('sid-2')).toBe(true);
  expect(here.auth.getState()).toMatchObject({ status: 'authenticated', user: { username: 'bob' } });
});
