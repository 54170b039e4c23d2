import { importMembers } from 'latchkey/server/passwords';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestAuth, type QuietFeature, TEST_PASSWORD, type TestAuth, type TestBrowser } from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import type { EventSource, FeatureEvent } from '../events.ts';

const HOUR = 60 * 60 * 1000;
const initiator = { id: 'command', address: null, userAgent: null };

/** A feature that hears of every event in its transaction, and can undo it. */
const createListening = () => {
  const heard: (EventSource & FeatureEvent)[] = [];
  const state = { isFailing: false };
  const feature: QuietFeature = {
    name: 'listening',
    routers: {},
    reasons: {},
    install: () => ({
      record: async (event, transaction) => {
        // Another handle than the transaction's would wait for ever on SQLite.
        await transaction.selectFrom('auth_users').select('id').limit(1).execute();
        if (state.isFailing) throw new Error('This must not be');
        heard.push(event);
      },
    }),
  };
  return { heard, state, feature };
};

describe.each(eachStore)('on $dialect an event is recorded', ({ open }) => {
  let store: TestStore;
  let kit: TestAuth;
  let listening: ReturnType<typeof createListening>;
  let browser: TestBrowser;
  let userId: string;

  let username: string;
  let people = 0;

  beforeAll(async () => {
    store = await open();
    listening = createListening();
    kit = await createTestAuth(store, { features: [listening.feature] });
  });
  beforeEach(async () => {
    people += 1;
    username = `ada_${people}`;
    browser = kit.openBrowser();
    await browser.register(username);
    userId = (await browser.call().user.me()).id;
    listening.heard.length = 0;
    kit.events.length = 0;
  });
  afterAll(async () => {
    await kit.stop();
    await store.remove();
  });

  const sessions = () =>
    store.database.db
      .withTables<{ auth_sessions: { sid: string; issued: number; revoked_at: number | null } }>()
      .selectFrom('auth_sessions')
      .select(['sid', 'issued', 'revoked_at'])
      .orderBy('sid')
      .execute();
  const accounts = async () => {
    const all: unknown[] = [];
    for await (const account of kit.services.accountChanges.list()) all.push(account);
    return all;
  };
  const wrong = () =>
    kit
      .openBrowser()
      .call()
      .auth.login({ username, password: `${TEST_PASSWORD}!` });
  const forkOf = async (times: number) => {
    const cookies = new Map(browser.cookies);
    for (let fork = 0; fork < times; fork += 1) {
      kit.clock.advance(HOUR);
      browser.cookies = new Map(cookies);
      await browser.refresh();
    }
    kit.clock.advance(HOUR);
    browser.cookies = cookies;
  };

  const changes: [name: string, told: string[], change: () => Promise<unknown>, before?: () => Promise<unknown>][] = [
    ['a registration', ['account.registered'], () => kit.openBrowser().register('grace')],
    ['a login', ['session.ended', 'login.succeeded'], () => browser.login(username)],
    ['a logout', ['session.ended'], () => browser.call().auth.logout()],
    [
      'the end of other sessions',
      ['session.ended'],
      () => browser.call().sessions.revokeOthers(),
      () => kit.openBrowser().login(username),
    ],
    [
      'the end of one session',
      ['session.ended'],
      async () => {
        const [session] = await browser.call().sessions.list();
        await browser.call().sessions.revoke({ id: session?.id ?? '' });
      },
    ],
    ['a role', ['role.granted'], () => kit.services.accountChanges.grantRole(initiator, userId, 'admin')],
    [
      'a role taken away',
      ['role.revoked'],
      () => kit.services.accountChanges.revokeRole(initiator, userId, 'admin', { isForced: true }),
      () => kit.services.accountChanges.grantRole(initiator, userId, 'admin'),
    ],
    [
      'a disabled account',
      ['account.disabled', 'session.ended'],
      () => kit.services.accountChanges.disable(initiator, userId),
    ],
    [
      'an enabled account',
      ['account.enabled'],
      () => kit.services.accountChanges.enable(initiator, userId),
      () => kit.services.accountChanges.disable(initiator, userId),
    ],
    [
      'sessions ended by an administrator',
      ['session.ended'],
      () => kit.services.accountChanges.endSessions(initiator, userId),
    ],
    [
      'a new password',
      ['password.changed', 'session.ended'],
      () => kit.services.passwords.changes.setPassword(initiator, userId, 'another long password'),
    ],
    [
      'an account that is made',
      ['account.created'],
      () =>
        kit.services.passwords.changes.createAccount(initiator, {
          username: 'made',
          email: 'made@mail.example',
          password: TEST_PASSWORD,
        }),
    ],
    [
      'members that are imported',
      ['account.imported', 'account.imported'],
      () => importMembers(kit.auth, [{ username: 'brought' }, { username: 'along' }]),
    ],
    [
      'a copied token',
      ['session.ended'],
      () => browser.refresh().catch((error: unknown) => error),
      async () => {
        const stolen = new Map(browser.cookies);
        for (let rotation = 0; rotation < 2; rotation += 1) {
          kit.clock.advance(HOUR);
          await browser.refresh();
        }
        browser.cookies = stolen;
      },
    ],
    [
      'a session that forks again and again',
      ['session.forked'],
      () => browser.refresh(),
      async () => {
        kit.clock.advance(HOUR);
        const cookies = new Map(browser.cookies);
        await browser.refresh();
        browser.cookies = cookies;
        await forkOf(2);
      },
    ],
    ['a refused login', ['login.refused'], () => wrong().catch((error: unknown) => error)],
  ];

  test.each(changes)('with what it tells, or neither happens: %s', async (_name, told, change, before) => {
    await before?.();
    listening.heard.length = 0;
    kit.events.length = 0;
    const stood = [await sessions(), await accounts()];

    listening.state.isFailing = true;
    const outcome = await change().catch((error: unknown) => error);
    expect(String(outcome)).toContain('This must not be');
    expect([await sessions(), await accounts()]).toEqual(stood);
    expect(kit.events).toEqual([]);

    listening.state.isFailing = false;
    await change();
    const events = listening.heard.map(({ event }) => event);
    expect(events).toEqual(told);
    const reported = kit.events.filter(
      ({ event }) => !event.startsWith('session.refreshed') && event !== 'refresh.refused',
    );
    expect(reported.toSorted(byName)).toEqual(listening.heard.toSorted(byName));
  });

  test('not where nothing changes: calls and refreshes, whatever becomes of them', async () => {
    await browser.refresh();
    kit.clock.advance(HOUR);
    await browser.refresh();
    browser.cookies.set('__Host-refresh', ['garbage']);
    await browser.refresh().catch(() => undefined);
    await kit
      .openBrowser()
      .call()
      .user.me()
      .catch(() => undefined);
    await kit.openBrowser().call().auth.logout();
    expect(kit.events).toHaveLength(4);
    expect(listening.heard).toEqual([]);
  });

  test('not of a login that was limited: nobody looked at it, and it can be sent without end', async () => {
    const limited = await createTestAuth(store, { features: [listening.feature], rateLimit: true, clock: kit.clock });
    for (let attempts = 0; attempts < 7; attempts += 1) {
      await limited
        .openBrowser()
        .call()
        .auth.login({ username: 'nobody', password: TEST_PASSWORD })
        .catch(() => undefined);
    }
    expect(limited.events.map((event) => 'reason' in event && event.reason)).toEqual([
      ...Array.from({ length: 5 }, () => 'invalid_credentials'),
      ...Array.from({ length: 2 }, () => 'rate_limited'),
    ]);
    expect(listening.heard).toHaveLength(5);
    expect(listening.heard.some((event) => 'userId' in event)).toBe(false);
    await limited.stop();
  });
});

const byName = (one: FeatureEvent, other: FeatureEvent): number => one.event.localeCompare(other.event);
