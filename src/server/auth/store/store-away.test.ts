import pg from 'pg';
import { afterEach, expect, test, vi } from 'vitest';
import { createStore } from '#server/database/index.ts';
import { createTestAuth, TEST_PASSWORD, type TestBrowser } from '#testing/auth.ts';
import { createFeedOf } from '#testing/postgres-feed.ts';
import { startTcpProxy } from '#testing/tcp-proxy.ts';
import { createTestDatabase } from '#testing/test-database.ts';
import { reasonOf } from '../refusal.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

test('while the store is away every call says so, nobody is let in, and nobody is signed out', async () => {
  const store = await createTestDatabase();
  cleanUps.push(store.drop);
  const way = await startTcpProxy(store.url);
  cleanUps.push(way.shut);
  const location = { databaseUrl: way.url, dataDir: 'memory:', poolSize: 3 };
  const database = createStore(location);
  cleanUps.push(() => database.close());
  const feed = createFeedOf(database, {
    connect: () => new pg.Client({ connectionString: way.url }),
    beatIntervalMs: 20,
  });
  const kit = await createTestAuth({ database }, { feed, rateLimit: true });
  cleanUps.push(() => kit.stop());
  const browser = kit.openBrowser();
  await browser.register('ada');

  await way.shut();
  await vi.waitFor(() => expect(kit.auth.isReady()).toBe(false));
  const before = new Map(browser.cookies);
  const stranger = kit.openBrowser();
  const input = { username: 'grace', email: 'grace@mail.example', password: TEST_PASSWORD };
  const calls: ((who: TestBrowser) => Promise<unknown>)[] = [
    (who) => who.call().auth.login({ username: 'ada', password: TEST_PASSWORD }),
    (who) => who.call().auth.login({ username: 'ada', password: 'not the password' }),
    (who) => who.call().auth.register(input),
    () => browser.call().auth.refresh(),
    () => browser.call().auth.logout(),
    () => browser.call().auth.claims(),
    () => browser.call().user.me(),
    () => browser.call().sessions.revokeOthers(),
  ];
  for (const call of calls) expect(await call(stranger).then(() => 'let through', reasonOf)).toBe('unavailable');
  expect(stranger.cookies.size).toBe(0);
  expect(browser.cookies).toEqual(before);

  await way.open();
  await vi.waitFor(() => expect(kit.auth.isReady()).toBe(true), { timeout: 10_000 });
  await browser.call().auth.claims();
  await browser.refresh();
  await stranger.login('ada');
});
