import { expect, test } from 'vitest';
import { createTestBrowser } from '#testing/client/browser.ts';
import { settle } from '../testing/clock.ts';
import { followOtherTabs } from './other-tabs.ts';

const bob = { username: 'bob', password: 'battery staple' };

/** What a browser may have, and what it may not. */
const BROWSERS = [
  { hasLocks: true, hasChannel: true },
  { hasLocks: true, hasChannel: false },
  { hasLocks: false, hasChannel: true },
  { hasLocks: false, hasChannel: false },
];
const ALMOST_A_SECOND = 999;

const twoTabs = async (options: Parameters<typeof createTestBrowser>[0] = {}) => {
  const browser = createTestBrowser(options);
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

test('a call that comes before the cookie that it is about is followed by a second look', () => {
  let heard = (): void => {};
  let ring = (): void => {};
  const done: string[] = [];
  followOtherTabs(
    {
      channel: {
        notify: () => {},
        listen: (onCall) => {
          heard = onCall;
          return () => {};
        },
      },
      isVisible: () => true,
      setTimer: (work) => {
        ring = work;
        return () => {};
      },
    },
    () => done.push('sync'),
    () => done.push('call'),
  );
  heard();
  expect(done).toEqual(['call']);
  ring();
  expect(done).toEqual(['call', 'sync']);
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

test.each(BROWSERS)(
  'sign-out, sign-in and a switch of users reach the other tab in under a second (locks $hasLocks, channel $hasChannel)',
  async (options) => {
    const { browser, here, there } = await twoTabs(options);
    await there.auth.signOut();
    await browser.clock.advance(ALMOST_A_SECOND);
    expect(here.auth.getState().status).toBe('anonymous');

    await there.auth.signIn(bob);
    await browser.clock.advance(ALMOST_A_SECOND);
    expect(here.auth.getState()).toMatchObject({ status: 'authenticated', user: { username: 'bob' } });

    await here.auth.signIn({ username: 'ada', password: 'correct horse' });
    await browser.clock.advance(ALMOST_A_SECOND);
    expect(there.auth.getState()).toMatchObject({ status: 'authenticated', user: { username: 'ada' } });
  },
);

test.each(BROWSERS)(
  'a sign-out that the server does not hear of reaches the other tab, and both stay out (locks $hasLocks, channel $hasChannel)',
  async (options) => {
    const { browser, here, there } = await twoTabs(options);
    here.network.usually('lose request');
    there.network.usually('lose request');
    await there.auth.signOut();
    await browser.clock.advance(ALMOST_A_SECOND);
    for (const { auth } of [here, there]) {
      expect(auth.getState()).toMatchObject({ status: 'anonymous', ended: { reason: 'signed_out' } });
    }
    const reloaded = browser.openTab();
    reloaded.network.usually('lose request');
    reloaded.auth.start();
    await browser.clock.advance(3_600_000);
    for (const { auth } of [here, there, reloaded]) expect(auth.getState().status).toBe('anonymous');

    for (const { network } of [here, there, reloaded]) network.usually('pass');
    await browser.clock.advance(60_000);
    expect(browser.server.isLive('sid-1')).toBe(false);
    expect(browser.jar.hint).toBeNull();
  },
);

test.each(BROWSERS)(
  'a session that ends in one tab ends in the other (locks $hasLocks, channel $hasChannel)',
  async (options) => {
    const { browser, here, there } = await twoTabs(options);
    browser.server.end('sid-1', 'ended_by_admin');
    here.show(false);
    await browser.clock.advance(720_000);
    if (!options.hasChannel) here.show(true);
    await settle();
    const ended = { reason: 'session_revoked', cause: 'ended_by_admin' };
    for (const { auth } of [here, there]) expect(auth.getState()).toMatchObject({ status: 'anonymous', ended });
  },
);

test('a hidden tab hears the call, and without a channel looks when it is seen', async () => {
  for (const hasChannel of [true, false]) {
    const { browser, here, there } = await twoTabs({ hasChannel });
    here.show(false);
    await there.auth.signOut();
    await browser.clock.advance(3_600_000);
    expect(here.auth.getState().status).toBe(hasChannel ? 'anonymous' : 'authenticated');
    here.show(true);
    await browser.clock.advance(ALMOST_A_SECOND);
    expect(here.auth.getState().status).toBe('anonymous');
  }
});

test('a tab that waits for a server in trouble tries at once when another one got through', async () => {
  const { browser, here, there } = await twoTabs({ hasChannel: true, random: () => 1 });
  browser.server.expireTokens();
  for (const { network } of [here, there]) network.usually('lose request');
  await browser.clock.advance(1_000_000);
  expect(here.auth.getState().offline).toBe(true);
  for (const { network } of [here, there]) network.usually('pass');
  there.connect(true);
  await settle();
  expect(here.auth.getState().offline).toBe(false);
});

test('calls prove nothing: whatever is called, nothing is asked and nobody is signed in or out', async () => {
  const { browser, here, there } = await twoTabs({ hasChannel: true });
  const before = here.network.log.length;
  for (let call = 0; call < 100; call += 1) browser.channels.noise();
  await browser.clock.advance(60_000);
  for (const { auth } of [here, there]) expect(auth.getState().status).toBe('authenticated');
  expect(here.network.log).toHaveLength(before);
});

test('a refresh in one tab makes no other tab refresh', async () => {
  const { browser, here, there } = await twoTabs({ hasLocks: true, hasChannel: true });
  here.show(false);
  await browser.clock.advance(800_000);
  expect(there.network.sent('auth.refresh')).toHaveLength(2);
  expect(here.network.sent('auth.refresh')).toHaveLength(1);
});

test.each(BROWSERS)(
  'looking at the hint hurries no refresh that backs off (locks $hasLocks, channel $hasChannel)',
  async (options) => {
    const browser = createTestBrowser({ ...options, random: () => 1 });
    browser.signedInBefore('ada');
    const tab = browser.openTab();
    tab.network.usually('lose request');
    tab.auth.start();
    await browser.clock.advance(63_000);
    expect(tab.network.log).toHaveLength(7);

    tab.network.usually('pass');
    await browser.clock.advance(60_000);
    Object.assign(browser.jar, browser.server.openSession('bob'));
    tab.network.usually('lose request');
    const before = tab.network.log.length;
    if (options.hasChannel) browser.channels.noise();
    await browser.clock.advance(64_000);
    expect(tab.network.log.length - before).toBeLessThanOrEqual(7);
  },
);
