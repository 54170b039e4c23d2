import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTestAuth, type TestAuth, type TestBrowser } from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import type { AuthTables } from '../store/tables.ts';
import { hashSecret } from '../tokens/secrets.ts';
import { knowsDevice, withDevice } from './known-devices.ts';

const DEVICE = '__Host-device';
const DAY = 24 * 60 * 60 * 1000;

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
    const database = store.database.db.withTables<AuthTables>();
    const user = await database
      .selectFrom('auth_users')
      .select('devices')
      .where('username', '=', 'ada')
      .executeTakeFirst();
    return user !== undefined && knowsDevice(user, hashSecret(browser.cookies.get(DEVICE)?.[0] ?? ''));
  };

  test('knows the device that it was made from, and no other', async () => {
    const [maker, stranger] = [kit.openBrowser(), kit.openBrowser()];
    await maker.register('ada');
    await stranger.register('grace');
    expect(await knows(maker)).toBe(true);
    expect(await knows(stranger)).toBe(false);
  });

  test('knows ten devices, and beside those in use the last one to sign in', async () => {
    const browsers = Array.from({ length: 12 }, () => kit.openBrowser());
    await browsers[0]?.register('ada');
    for (const browser of browsers.slice(1, 10)) await browser.login('ada');
    expect(await Promise.all(browsers.slice(0, 10).map(knows))).not.toContain(false);
    for (const browser of browsers.slice(10)) {
      await browser.login('ada');
      expect(await knows(browser)).toBe(true);
    }
    expect(await Promise.all(browsers.slice(0, 9).map(knows))).not.toContain(false);
    expect(await Promise.all(browsers.slice(9).map(knows))).toEqual([false, false, true]);
  });

  test('forgets a device that nobody signs in from any more before any other', async () => {
    const browsers = Array.from({ length: 10 }, () => kit.openBrowser());
    const [owner, old] = browsers;
    if (owner === undefined || old === undefined) throw new Error('There are ten.');
    await owner.register('ada');
    for (const browser of browsers.slice(1, 5)) await browser.login('ada');
    kit.clock.advance(91 * DAY);
    await owner.login('ada');
    for (const browser of browsers.slice(2)) await browser.login('ada');
    const newcomer = kit.openBrowser();
    await newcomer.login('ada');
    expect(await knows(old)).toBe(false);
    expect(await Promise.all([newcomer, ...browsers.filter((one) => one !== old)].map(knows))).not.toContain(false);
  });

  test('keeps the owner’s browser among any number of made-up devices, and forgets those with the password', async () => {
    const owner = kit.openBrowser();
    await owner.register('ada');
    const made = Array.from({ length: 30 }, () => kit.openBrowser());
    for (const browser of made) {
      await browser.login('ada');
      await browser.login('ada');
    }
    expect(await knows(owner)).toBe(true);
    expect((await Promise.all(made.map(knows))).filter(Boolean)).toHaveLength(9);

    const { id = '' } = (await kit.services.accountChanges.find('ada')) ?? {};
    await kit.services.passwords.changes.setPassword(
      { id: 'test', address: null, userAgent: null },
      id,
      'a new password for ada',
    );
    expect(await Promise.all([owner, ...made].map(knows))).not.toContain(true);
  });

  test('forgets none of those that sign in at once', async () => {
    await kit.openBrowser().register('ada');
    const browsers = Array.from({ length: 8 }, () => kit.openBrowser());
    await Promise.all(browsers.map((browser) => browser.login('ada')));
    expect(await Promise.all(browsers.map(knows))).not.toContain(false);
  });
});

const hashes = Array.from({ length: 16 }, (_, index) => hashSecret(String(index)));

test('whatever signs in, it is known, ten are at most, and one in use that was not the last makes way for nobody', () => {
  const anyPause = fc.oneof(
    { weight: 12, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ max: 100, min: 1 }) },
  );
  const anyCourse = fc.array(fc.record({ hash: fc.constantFrom(...hashes), after: anyPause }), {
    maxLength: 60,
    size: 'max',
  });
  fc.assert(
    fc.property(anyCourse, (course) => {
      let devices = '';
      let day = 20_000;
      const lastSignIn = new Map<string, number>();
      for (const { hash, after } of course) {
        day += after;
        const before = hashes.filter((one) => knowsDevice({ devices }, one));
        const last = devices.split(',').at(-2)?.split('.')[0];
        devices = withDevice(devices, hash, day * DAY);
        lastSignIn.set(hash, day);
        const knownNow = hashes.filter((one) => knowsDevice({ devices }, one));
        expect(knownNow).toContain(hash);
        expect(knownNow.length).toBeLessThanOrEqual(10);
        for (const gone of before.filter((one) => !knownNow.includes(one))) {
          expect(before).toHaveLength(10);
          expect(gone === last || day - (lastSignIn.get(gone) ?? day) > 90).toBe(true);
        }
      }
    }),
  );
});

test('a list without days is read, and its devices count as in use from now on', () => {
  const old = hashes
    .slice(0, 10)
    .map((hash) => `${hash},`)
    .join('');
  const [first = '', last = '', added = ''] = [hashes[0], hashes[9], hashes[10]];
  expect(knowsDevice({ devices: old }, last)).toBe(true);
  const devices = withDevice(old, added, 20_000 * DAY);
  expect([first, last, added].map((hash) => knowsDevice({ devices }, hash))).toEqual([true, false, true]);
  expect(withDevice(devices, first, 20_001 * DAY).split(',')[0]).toBe(`${first}.20001`);
});
