import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTestAuth, type TestAuth, type TestBrowser } from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import type { AuthTables } from '../store/tables.ts';
import { MAX_LIVE_SESSIONS } from './sessions.ts';

const MINUTE = 60_000;

describe.each(eachStore)('on $dialect', ({ open }) => {
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

  /** Ada's browsers, the first to sign in first, each a minute after the one before. */
  const signInOften = async (times: number): Promise<[TestBrowser, ...TestBrowser[]]> => {
    const first = kit.openBrowser();
    await first.register('ada');
    const browsers: [TestBrowser, ...TestBrowser[]] = [first];
    while (browsers.length < times) {
      kit.clock.advance(MINUTE);
      const browser = kit.openBrowser();
      await browser.login('ada');
      browsers.push(browser);
    }
    return browsers;
  };
  const works = (browser: TestBrowser): Promise<boolean> =>
    browser.refresh().then(
      () => true,
      () => false,
    );
  const causes = (): unknown[] => kit.events.flatMap((event) => (event.event === 'session.ended' ? [event.cause] : []));

  test('a user has a hundred sessions at most: one more ends the one that was not used for longest', async () => {
    const browsers = await signInOften(MAX_LIVE_SESSIONS);
    const [first, second, third] = browsers;
    expect(causes()).toEqual([]);
    kit.clock.advance(MINUTE);
    await first.refresh();

    const newcomer = kit.openBrowser();
    kit.clock.advance(MINUTE);
    await newcomer.login('ada');
    expect(causes()).toEqual(['too_many_sessions']);
    await expect(second?.refresh()).rejects.toMatchObject({
      cause: { reason: 'session_revoked', details: { cause: 'too_many_sessions' } },
    });
    expect(await Promise.all([first, newcomer, third ?? first].map(works))).toEqual([true, true, true]);
    const listed = await newcomer.call().sessions.list();
    expect(listed).toHaveLength(MAX_LIVE_SESSIONS);
    expect(listed.filter(({ current }) => current)).toHaveLength(1);
  });

  test('at the same moment too, the new one is never the one that ends', async () => {
    const [first] = await signInOften(1);
    for (let time = 0; time < MAX_LIVE_SESSIONS + 20; time += 1) {
      const browser = kit.openBrowser();
      await browser.login('ada');
      await browser.call().user.me();
    }
    expect(causes()).toHaveLength(21);
    expect((await kit.services.accountChanges.find('ada'))?.id).toBeDefined();
    kit.clock.advance(MINUTE);
    const last = kit.openBrowser();
    await last.login('ada');
    expect(await last.call().sessions.list()).toHaveLength(MAX_LIVE_SESSIONS);
    expect(first.cookies.size).toBeGreaterThan(0);
  });

  test('sessions that have ended or run out are not counted, and neither are those of others', async () => {
    const browsers = await signInOften(MAX_LIVE_SESSIONS);
    await Promise.all(browsers.slice(1, 51).map((browser) => browser.call().auth.logout()));
    const bob = kit.openBrowser();
    await bob.register('bob');
    for (let time = 0; time < 40; time += 1) await kit.openBrowser().login('ada');
    expect(causes().filter((cause) => cause === 'too_many_sessions')).toEqual([]);

    kit.clock.advance(8 * 24 * 60 * MINUTE);
    for (let time = 0; time < 60; time += 1) await kit.openBrowser().login('ada');
    expect(causes().filter((cause) => cause === 'too_many_sessions')).toEqual([]);
  });

  test('of two hundred logins, many at once, a hundred sessions are left', async () => {
    const [first] = await signInOften(1);
    // More at once than the store has connections, and no more than get one before it stops waiting on a slow machine.
    const loginsInARow = async (): Promise<void> => {
      for (let time = 0; time < 20; time += 1) await kit.openBrowser().login('ada');
    };
    await Promise.all(Array.from({ length: 10 }, loginsInARow));
    const { length } = await store.database.db
      .withTables<AuthTables>()
      .selectFrom('auth_sessions')
      .select('sid')
      .where('revoked_at', 'is', null)
      .execute();
    expect(length).toBe(MAX_LIVE_SESSIONS);
    expect(first.accessToken).toBeDefined();
  });
});
