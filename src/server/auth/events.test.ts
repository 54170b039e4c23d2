import { TRPCError } from '@trpc/server';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestAuth, TEST_PASSWORD, type TestAuth, type TestBrowser } from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;

/** What an event says beside where it came from. */
const tellingOf = (event: TestAuth['events'][number]): string =>
  [
    event.event,
    'reason' in event ? event.reason : undefined,
    'cause' in event ? event.cause : undefined,
    'how' in event ? event.how : undefined,
    'procedure' in event ? event.procedure : undefined,
  ]
    .filter(Boolean)
    .join(' ');

describe.each(eachStore)('on $dialect an event is reported', ({ open }) => {
  let store: TestStore;
  let kit: TestAuth;
  let browser: TestBrowser;

  beforeAll(async () => {
    store = await open();
    kit = await createTestAuth(store, { rateLimit: true });
    await kit.openBrowser().register('ada');
  });
  afterAll(async () => {
    await kit.stop();
    await store.remove();
  });
  beforeEach(() => {
    browser = kit.openBrowser();
    kit.clock.advance(8 * DAY);
    kit.events.length = 0;
  });

  const reported = () => kit.events.map(tellingOf);
  const isRefused = async (call: Promise<unknown>): Promise<void> => {
    await expect(call).rejects.toBeInstanceOf(TRPCError);
  };
  const wrong = () => isRefused(kit.openBrowser().call().auth.login({ username: 'ada', password: 'not the password' }));

  test('of each login, right, wrong or limited', async () => {
    await browser.login('ada');
    await wrong();
    for (let attempts = 1; attempts < 5; attempts += 1) await wrong();
    await wrong();
    expect(reported()).toEqual([
      'login.succeeded',
      ...Array.from({ length: 5 }, () => 'login.refused invalid_credentials'),
      'login.refused rate_limited',
    ]);
  });

  test('of each registration, refused ones too', async () => {
    await browser.register('grace');
    await isRefused(kit.openBrowser().register('grace'));
    const input = { username: 'other', email: 'other@mail.example', password: 'password1' };
    await isRefused(browser.call().auth.register(input));
    expect(reported()).toEqual([
      'account.registered',
      'registration.refused username_taken',
      'registration.refused password_too_common',
    ]);
  });

  test('of each refresh, by what came of it, and of each session’s end', async () => {
    await browser.login('ada');
    await browser.refresh();
    kit.clock.advance(DAY);
    await browser.refresh();
    await browser.call().auth.logout();
    await isRefused(browser.refresh());
    browser.cookies.set('__Host-refresh', ['garbage']);
    await isRefused(browser.refresh());
    expect(reported()).toEqual([
      'login.succeeded',
      'session.refreshed replay',
      'session.refreshed rotate',
      'session.ended logout',
      'refresh.refused refresh_token_missing',
      'refresh.refused refresh_token_invalid',
    ]);
  });

  test('of a session that forks again and again, from the third time on, until it rotates', async () => {
    await browser.login('ada');
    const stolen = new Map(browser.cookies);
    const refreshWith = async (cookies: TestBrowser['cookies']) => {
      kit.clock.advance(HOUR);
      browser.cookies = new Map(cookies);
      await browser.refresh();
    };
    for (let times = 0; times < 5; times += 1) await refreshWith(stolen);
    await refreshWith(browser.cookies);
    const [, ...refreshes] = reported();
    expect(refreshes).toEqual([
      'session.refreshed rotate',
      'session.refreshed fork',
      'session.refreshed fork',
      'session.refreshed fork',
      'session.forked',
      'session.refreshed fork',
      'session.forked',
      'session.refreshed rotate',
    ]);
    const userId: unknown = expect.any(String);
    const sessionId: unknown = expect.any(String);
    const forked = kit.events.filter(({ event }) => event === 'session.forked');
    expect(forked).toMatchObject([3, 4].map((forks) => ({ forks, userId, sessionId })));
    await isRefused(refreshWith(stolen));
    expect(reported().slice(-2)).toEqual(['session.ended reuse', 'refresh.refused refresh_token_reused']);
  });

  test('of each call that the gate refuses', async () => {
    await isRefused(browser.call().user.me());
    browser.accessToken = 'garbage';
    await isRefused(browser.call().sessions.list());
    expect(reported()).toEqual([
      'access.refused access_token_missing user.me',
      'access.refused access_token_invalid sessions.list',
    ]);
  });

  test('with where it came from and under the id of its request, and without a secret', async () => {
    await browser.login('ada');
    expect(kit.events).toEqual([
      {
        event: 'login.succeeded',
        requestId: expect.stringMatching(/^[\da-f]{16}$/),
        ip: '192.0.2.1',
        userAgent: 'test',
        userId: expect.stringMatching(/^[\w-]{36}$/),
        sessionId: expect.stringMatching(/^[\w-]{36}$/),
        isNewDevice: true,
      },
    ]);
    expect(JSON.stringify(kit.events)).not.toContain(TEST_PASSWORD);
  });
});
