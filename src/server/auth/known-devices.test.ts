import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTestAuth, type TestAuth, type TestBrowser } from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import { hashSecret } from './secrets.ts';
import type { AuthTables } from './tables.ts';
import { createUserStore, knowsDevice } from './user-store.ts';

const DEVICE = '__Host-device';

describe.each(eachStore)('an account on $dialect', ({ open }) => {
  let store: TestStore;
  let kit: TestAuth;

  beforeEach(async () => {
    store = await open();
    kit = await createTestAuth(store);
  });
  afterEach(async () => {
    await kit.stop();
    await store.remove();
  });

  const knows = async (browser: TestBrowser): Promise<boolean> => {
    const user = await createUserStore(store.database.db.withTables<AuthTables>()).findForLogin('ada');
    return user !== undefined && knowsDevice(user, hashSecret(browser.cookies.get(DEVICE)?.[0] ?? ''));
  };

  test('knows the device that it was made from, and no other', async () => {
    const [maker, stranger] = [kit.openBrowser(), kit.openBrowser()];
    await maker.register('ada');
    await stranger.register('grace');
    expect(await knows(maker)).toBe(true);
    expect(await knows(stranger)).toBe(false);
  });

  test('knows the last ten devices to sign in, each of them once', async () => {
    const browsers = Array.from({ length: 11 }, () => kit.openBrowser());
    const [first, second, third] = browsers;
    if (first === undefined || second === undefined || third === undefined) throw new Error('There are eleven.');
    await first.register('ada');
    for (const browser of browsers.slice(1, 10)) await browser.login('ada');
    await first.login('ada');
    expect(await Promise.all(browsers.slice(0, 10).map(knows))).not.toContain(false);

    await browsers.at(-1)?.login('ada');
    expect(await knows(first)).toBe(true);
    expect(await knows(second)).toBe(false);
    expect(await knows(third)).toBe(true);
  });

  test('forgets none of those that sign in at once', async () => {
    await kit.openBrowser().register('ada');
    const browsers = Array.from({ length: 8 }, () => kit.openBrowser());
    await Promise.all(browsers.map((browser) => browser.login('ada')));
    expect(await Promise.all(browsers.map(knows))).not.toContain(false);
  });
});
