import { expect, test } from 'vitest';
import { createTestBrowser, type TestTab } from '#testing/client/browser.ts';
import { HINT_SIGNED_OUT } from '../../../shared/auth/cookies.ts';
import { settle } from '../testing/clock.ts';

const bob = { username: 'bob', password: 'battery staple' };

/** A browser whose API is on another host of the site: the page reads none of its cookies. */
const openBrowser = (hasChannel = true) => createTestBrowser({ hasChannel, isElsewhere: true });

const started = async (tab: TestTab): Promise<TestTab> => {
  tab.auth.start();
  await settle();
  return tab;
};

const nameIn = ({ auth }: TestTab): string | null => {
  const state = auth.getState();
  return state.status === 'authenticated' ? state.user.username : state.status;
};

test('who has signed in is signed in after a reload', async () => {
  const browser = openBrowser();
  await browser.openTab().auth.signIn(bob);
  const reloaded = await started(browser.openTab());
  expect(nameIn(reloaded)).toBe('bob');
  expect(reloaded.network.log).toHaveLength(1);
});

test('a visitor who never signed in makes no call', async () => {
  const tab = await started(openBrowser().openTab());
  expect(nameIn(tab)).toBe('anonymous');
  expect(tab.network.log).toHaveLength(0);
});

test.each([true, false])('other tabs follow a sign-in, a switch and a sign-out (channel %s)', async (hasChannel) => {
  const browser = openBrowser(hasChannel);
  const [first, second] = [await started(browser.openTab()), await started(browser.openTab())];
  await first.auth.signIn(bob);
  await browser.clock.advance(1_000);
  expect(nameIn(second)).toBe('bob');
  await first.auth.signIn({ ...bob, username: 'eve' });
  await browser.clock.advance(1_000);
  expect(nameIn(second)).toBe('eve');
  await second.auth.signOut();
  await browser.clock.advance(1_000);
  expect([first, second].map(nameIn)).toEqual(['anonymous', 'anonymous']);
  expect(browser.pageJar.hint).toBeNull();
});

test('signed out offline, nothing restores, over reloads too, until the server has heard or somebody signs in', async () => {
  const browser = openBrowser();
  const tab = browser.openTab();
  await tab.auth.signIn(bob);
  tab.network.usually('lose request');
  await tab.auth.signOut();
  expect(browser.pageJar.hint).toBe(HINT_SIGNED_OUT);
  tab.auth.stop();

  const reloaded = await started(browser.openTab());
  expect(nameIn(reloaded)).toBe('anonymous');
  expect(reloaded.network.log.map(({ path }) => path)).toEqual(['auth.logout']);
  expect(browser.pageJar.hint).toBeNull();
});

test('a sign-in takes the place of a sign-out that no server has heard of', async () => {
  const browser = openBrowser();
  const tab = browser.openTab();
  await tab.auth.signIn(bob);
  tab.network.next('lose request', 'auth.logout');
  await tab.auth.signOut();
  await tab.auth.signIn({ ...bob, username: 'eve' });
  tab.auth.stop();
  expect(nameIn(await started(browser.openTab()))).toBe('eve');
});

test('a session that is over is asked for once', async () => {
  const browser = openBrowser();
  browser.signedInBefore('ada');
  browser.server.end(browser.jar.refresh, 'logout');
  const tab = await started(browser.openTab());
  expect(nameIn(tab)).toBe('anonymous');
  expect(browser.pageJar.hint).toBeNull();
  tab.auth.sync();
  await settle();
  expect(tab.network.log).toHaveLength(1);
});

test('a refresh changes no hint, and sends no other tab to the server', async () => {
  const browser = openBrowser();
  const tab = browser.openTab();
  await tab.auth.signIn(bob);
  const other = await started(browser.openTab());
  const { hint } = browser.pageJar;
  await browser.clock.advance(3_600_000);
  expect(browser.pageJar.hint).toBe(hint);
  expect(tab.network.sent('auth.refresh').length + other.network.sent('auth.refresh').length).toBeLessThan(12);
});

test('a hint that was cleared is written again with the next token', async () => {
  const browser = openBrowser();
  const tab = browser.openTab();
  await tab.auth.signIn(bob);
  browser.pageJar.hint = null;
  tab.auth.sync();
  await settle();
  expect(nameIn(tab)).toBe('bob');
  expect(browser.pageJar.hint).not.toBeNull();
});
