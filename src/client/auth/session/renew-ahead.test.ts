import { expect, test } from 'vitest';
import { createTestBrowser } from '#testing/client/browser.ts';
import { settle } from '../testing/clock.ts';

const signedInTab = async (options: { random?: () => number; expiresIn?: number } = {}) => {
  const browser = createTestBrowser(options);
  browser.signedInBefore('ada');
  const tab = browser.openTab();
  tab.auth.start();
  await settle();
  return { browser, tab };
};

test.each([
  [0, 720],
  [0.999, 649],
])('a visible page renews its token at 72 to 80 %% of its life (random %d)', async (random, seconds) => {
  const { browser, tab } = await signedInTab({ random: () => random });
  await browser.clock.advance((seconds - 1) * 1_000);
  expect(tab.network.log).toHaveLength(1);
  await browser.clock.advance(2_000);
  expect(tab.network.log).toHaveLength(2);
});

test('a hidden page waits until it is seen', async () => {
  const { browser, tab } = await signedInTab();
  tab.show(false);
  await browser.clock.advance(3_600_000);
  expect(tab.network.log).toHaveLength(1);
  tab.show(true);
  await settle();
  expect(tab.network.log).toHaveLength(2);
});

test('a page that is shown again with a fresh token asks for nothing', async () => {
  const { browser, tab } = await signedInTab();
  await browser.clock.advance(60_000);
  tab.show(true);
  await settle();
  expect(tab.network.log).toHaveLength(1);
});

test('after sleep, in which no timer ran, the token is renewed when the page wakes', async () => {
  const { browser, tab } = await signedInTab();
  browser.clock.jump(8 * 3_600_000);
  tab.show(true);
  await settle();
  expect(tab.network.log).toHaveLength(2);
});

test('a clock that is wrong or set back keeps no page from renewing', async () => {
  const { browser, tab } = await signedInTab();
  browser.clock.jump(-5 * 3_600_000);
  await browser.clock.advance(720_000);
  expect(tab.network.log).toHaveLength(2);
  tab.show(false);
  browser.clock.jump(-5 * 3_600_000);
  await browser.clock.advance(720_000);
  tab.show(true);
  await settle();
  expect(tab.network.log).toHaveLength(3);
});

test('a renewal that fails leaves the user signed in, offline, until one succeeds', async () => {
  const { browser, tab } = await signedInTab();
  const states: string[] = [];
  tab.auth.subscribe(() => states.push(`${tab.auth.getState().status} ${tab.auth.getState().offline}`));
  tab.network.usually('lose request');
  await browser.clock.advance(900_000);
  expect(states).toEqual(['authenticated true']);
  tab.network.usually('pass');
  await browser.clock.advance(60_000);
  expect(states).toEqual(['authenticated true', 'authenticated false']);
});

test('a renewal that changes nothing about the user notifies nobody', async () => {
  const { browser, tab } = await signedInTab();
  const before = tab.auth.getState();
  await browser.clock.advance(720_000);
  expect(tab.network.log).toHaveLength(2);
  expect(tab.auth.getState()).toBe(before);
});

test('losing the network marks the page offline at once, and finding it again unmarks it', async () => {
  const { tab } = await signedInTab();
  tab.connect(false);
  expect(tab.auth.getState()).toMatchObject({ status: 'authenticated', offline: true });
  tab.connect(true);
  expect(tab.auth.getState()).toMatchObject({ status: 'authenticated', offline: false });
});

test('a stopped engine waits for nothing, and what waits for it is told', async () => {
  const { browser, tab } = await signedInTab();
  tab.network.next('hold');
  await browser.clock.advance(720_000);
  tab.auth.stop();
  await settle();
  expect(browser.clock.timers()).toBe(0);
  tab.show(true);
  tab.connect(true);
  await browser.clock.advance(3_600_000);
  expect(tab.network.log).toHaveLength(2);
});

test('a page whose timers stood still for hours renews once when they go on, and its token is right again', async () => {
  const { browser, tab } = await signedInTab();
  tab.page.freeze();
  await browser.clock.advance(5 * 3_600_000);
  expect(tab.network.log).toHaveLength(1);
  tab.page.thaw();
  tab.show(true);
  await settle();
  expect(tab.network.log).toHaveLength(2);
  expect(tab.auth.headers()['authorization']).toBe('Bearer access-2');
});

test('timers that ring late, as in a page that the browser holds back, renew late and lose nothing', async () => {
  const { browser, tab } = await signedInTab();
  tab.page.freeze();
  await browser.clock.advance(780_000);
  tab.page.thaw();
  await settle();
  expect(tab.network.log).toHaveLength(2);
  await browser.clock.advance(720_000);
  expect(tab.network.log).toHaveLength(3);
});
