import { expect, test } from 'vitest';
import { createTestBrowser } from '#testing/client/browser.ts';
import { settle } from '../testing/clock.ts';

/** The state once it is there, null before. */
const watch = <Value>(promise: Promise<Value>): (() => Value | null) => {
  let value: Value | null = null;
  void promise.then((state) => {
    value = state;
  });
  return () => value;
};

test('without a session it is there at once', async () => {
  const tab = createTestBrowser().openTab();
  expect(await tab.auth.settled()).toEqual({ status: 'anonymous', ended: null, offline: false });
  expect(tab.network.log).toHaveLength(0);
});

test('a session is restored for it, without another start, and once for all who ask', async () => {
  const browser = createTestBrowser();
  browser.signedInBefore('ada');
  const tab = browser.openTab();
  const states = await Promise.all([tab.auth.settled(), tab.auth.settled()]);
  for (const state of states) expect(state).toMatchObject({ status: 'authenticated', user: { username: 'ada' } });
  expect(await tab.auth.settled()).toBe(tab.auth.getState());
  expect(tab.network.log).toHaveLength(1);
});

test('a session that is over is settled as anonymous', async () => {
  const browser = createTestBrowser();
  browser.signedInBefore('ada');
  browser.server.end(browser.jar.refresh, 'logout');
  expect(await browser.openTab().auth.settled()).toMatchObject({ status: 'anonymous' });
});

test('started offline, what is known is that nobody can tell', async () => {
  const browser = createTestBrowser();
  browser.signedInBefore('ada');
  const tab = browser.openTab({ online: false });
  tab.network.usually('lose request');
  expect(await tab.auth.settled()).toEqual({ status: 'restoring', offline: true });
  await browser.clock.advance(2_000);
  const sent = tab.network.log.length;
  expect(await tab.auth.settled()).toEqual({ status: 'restoring', offline: true });
  expect(tab.network.log).toHaveLength(sent);
});

test('a server that never answers holds nobody up for longer than the refresh may take', async () => {
  const browser = createTestBrowser();
  browser.signedInBefore('ada');
  const tab = browser.openTab();
  tab.network.usually('hold');
  const state = watch(tab.auth.settled());
  await browser.clock.advance(9_000);
  expect(state()).toBeNull();
  await browser.clock.advance(1_000);
  expect(state()).toEqual({ status: 'restoring', offline: true });
});

test('a client that is stopped leaves nobody waiting', async () => {
  const browser = createTestBrowser();
  browser.signedInBefore('ada');
  const tab = browser.openTab();
  tab.network.usually('hold');
  const state = watch(tab.auth.settled());
  await settle();
  tab.auth.stop();
  await settle();
  expect(state()).toMatchObject({ status: 'restoring' });
});

test('while another tab signs in, it waits for who that is', async () => {
  const browser = createTestBrowser({ hasChannel: true });
  const [first, second] = [browser.openTab(), browser.openTab()];
  first.auth.start();
  second.auth.start();
  await first.auth.signIn({ username: 'bob', password: 'battery staple' });
  expect(await second.auth.settled()).toMatchObject({ status: 'authenticated', user: { username: 'bob' } });
});
