import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createTestAuth, type TestAuth, type TestBrowser } from '#testing/auth.ts';
import { eachStore } from '#testing/each-store.ts';
import { failStatements } from '#testing/failing-statements.ts';
import { quietFeed } from '#testing/quiet-feed.ts';
import { eachRecordedStore, type RecordedStore } from '#testing/recorded-store.ts';
import { DatabaseUnavailableError } from '../store/store.ts';
import type { AuthTables } from '../store/tables.ts';

const HOUR = 60 * 60 * 1000;

const headerOf = ({ cookies }: TestBrowser): string =>
  [...cookies].flatMap(([name, values]) => values.map((value) => `${name}=${value}`)).join('; ');

const webRequest = (cookie: string): Request => new Request('https://app.example/page', { headers: { cookie } });

const nodeRequest = (cookie: string): IncomingMessage =>
  Object.assign(new IncomingMessage(new Socket()), { headers: { cookie } });

describe.each(eachRecordedStore)('on $dialect', ({ open }) => {
  let store: RecordedStore;
  let kit: TestAuth;
  let browser: TestBrowser;
  let count = 0;

  beforeAll(async () => {
    store = await open();
    kit = await createTestAuth(store, { feed: quietFeed });
    await kit.services.purging.stop();
  });
  afterAll(async () => {
    await kit.stop();
    await store.remove();
  });
  beforeEach(async () => {
    browser = kit.openBrowser();
    await browser.register(`ada_${(count += 1)}`);
  });

  test('a page knows who is signed in, by one statement that writes nothing', async () => {
    const me = await browser.call().user.me();
    kit.clock.advance(HOUR);
    for (const request of [webRequest(headerOf(browser)), nodeRequest(headerOf(browser))]) {
      const heard = await store.record(async () => expect(await kit.auth.peek(request)).toEqual(me));
      expect(heard.map(({ sql }) => sql.slice(0, 6))).toEqual(['select']);
    }
    expect(await kit.auth.peek({ headers: new Headers({ cookie: headerOf(browser) }) })).toEqual(me);
    await browser.refresh();
  });

  test('nobody is signed in without a cookie, with garbage, with duplicates and with a forged secret', async () => {
    const cookie = headerOf(browser);
    const name = '__Host-refresh';
    const token = browser.cookies.get(name)?.[0];
    const statements = await store.record(async () => {
      for (const header of [
        '',
        'garbage',
        `${name}=`,
        `${name}=garbage`,
        `${name}=${token}x`,
        `${cookie}; ${name}=x`,
      ]) {
        expect(await kit.auth.peek(webRequest(header))).toBe(null);
        expect(await kit.auth.peek(nodeRequest(header))).toBe(null);
      }
      expect(await kit.auth.peek({ headers: {} })).toBe(null);
    });
    expect(statements).toEqual([]);
    const db = store.database.db.withTables<AuthTables>();
    await db.updateTable('auth_sessions').set({ sec_hash: 'another' }).execute();
    expect(await kit.auth.peek(webRequest(cookie))).toBe(null);
  });

  test('nor once the session is over, or for a token that a refresh would not answer', async () => {
    const first = headerOf(browser);
    for (let round = 0; round < 2; round += 1) {
      kit.clock.advance(HOUR);
      await browser.refresh();
    }
    expect(await kit.auth.peek(webRequest(first))).toBe(null);
    // It is looked at and nothing more: the session goes on.
    expect(await kit.auth.peek(webRequest(headerOf(browser)))).not.toBe(null);
    const last = headerOf(browser);
    await browser.call().auth.logout();
    expect(await kit.auth.peek(webRequest(last))).toBe(null);

    await browser.login(`ada_${count}`);
    expect(await kit.auth.peek(webRequest(headerOf(browser)))).not.toBe(null);
    kit.clock.advance(8 * 24 * HOUR);
    expect(await kit.auth.peek(webRequest(headerOf(browser)))).toBe(null);
  });
});

test.each(eachStore)('on $dialect a store that cannot be asked is told as such', async ({ open }) => {
  const store = await open();
  const kit = await createTestAuth(store, { feed: quietFeed });
  const browser = kit.openBrowser();
  await browser.register('ada');
  const statements = await failStatements(store);
  statements.failAt(1, 'unsent');
  await expect(kit.auth.peek(webRequest(headerOf(browser)))).rejects.toBeInstanceOf(DatabaseUnavailableError);
  expect(statements.relent()).toBe(true);
  vi.restoreAllMocks();
  expect(await kit.auth.peek(webRequest(headerOf(browser)))).toMatchObject({ username: 'ada' });
  await kit.stop();
  await store.remove();
});
