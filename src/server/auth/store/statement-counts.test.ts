import { TRPCError } from '@trpc/server';
import type { AuthTables } from 'latchkey/server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTestAuth, TEST_PASSWORD, type TestAuth, type TestBrowser } from '#testing/auth.ts';
import { quietFeed } from '#testing/quiet-feed.ts';
import { eachRecordedStore, isTransactionControl, type RecordedStore } from '#testing/recorded-store.ts';
import { pendingWorkSlot } from '../pending-work.ts';

const SECOND = 1000;
const LEEWAY = 30 * SECOND;

/**
 * A statement is one round trip that reads or writes rows. BEGIN and COMMIT are round trips on Postgres as well: they
 * are counted apart.
 */
interface Cost {
  statements: number;
  around: number;
}

const alone = (statements: number): Cost => ({ statements, around: 0 });
const inTransaction = (statements: number, outside = 0): Cost => ({ statements: statements + outside, around: 2 });

/** What it looks for, takes, and notes of a mail. */
const OF_OUTBOX = /^(?:select|update)\b.* "auth_mails"|"has_flow"/;

describe.each(eachRecordedStore)('on $dialect, in statements,', ({ dialect, open }) => {
  /** What the statement of the usual rotation finds and does not rotate is read by SQLite with another one. */
  const read = dialect === 'sqlite' ? 1 : 0;

  let store: RecordedStore;
  let kit: TestAuth;
  let browser: TestBrowser;

  beforeEach(async () => {
    store = await open();
    kit = await createTestAuth(store, { feed: quietFeed, features: [] });
    browser = kit.openBrowser();
    await browser.register('ada');
  });
  afterEach(async () => {
    await kit.stop();
    await store.remove();
  });

  const costOf = async (work: () => Promise<unknown>): Promise<Cost> => {
    const heard = await store.record(work);
    const around = heard.filter(isTransactionControl).length;
    return { statements: heard.length - around, around };
  };
  /** The same, less what the outbox asks for by itself. */
  const costWithMail = async (work: () => Promise<unknown>): Promise<Cost> => {
    const heard = (await store.record(work)).filter(({ sql }) => !OF_OUTBOX.test(sql));
    const around = heard.filter(isTransactionControl).length;
    return { statements: heard.length - around, around };
  };
  const refused = (work: () => Promise<unknown>) => () => expect(work()).rejects.toBeInstanceOf(TRPCError);

  test('a protected query costs none, and neither does one that the gate refuses', async () => {
    expect(await costOf(() => browser.call().auth.claims())).toEqual(alone(0));
    browser.accessToken = `${browser.accessToken}x`;
    expect(await costOf(refused(() => browser.call().auth.claims()))).toEqual(alone(0));
  });

  test('a refresh that rotates costs one', async () => {
    kit.clock.advance(LEEWAY);
    expect(await costOf(() => browser.refresh())).toEqual(alone(1));
    expect(kit.events.at(-1)).toMatchObject({ how: 'rotate' });
  });

  test('a refresh that replays the newest token costs one, and one that replays an older one two', async () => {
    kit.clock.advance(LEEWAY);
    const before = new Map(browser.cookies);
    await browser.refresh();
    expect(await costOf(() => browser.refresh())).toEqual(alone(1));
    expect(kit.events.at(-1)).toMatchObject({ how: 'replay' });

    kit.clock.advance(1);
    browser.cookies = before;
    expect(await costOf(() => browser.refresh())).toEqual(alone(2 + read));
    expect(kit.events.at(-1)).toMatchObject({ how: 'replay' });
  });

  test('a refresh whose last answer was lost costs two', async () => {
    kit.clock.advance(LEEWAY);
    const before = new Map(browser.cookies);
    await browser.refresh();
    kit.clock.advance(LEEWAY);
    browser.cookies = before;
    expect(await costOf(() => browser.refresh())).toEqual(alone(2 + read));
    expect(kit.events.at(-1)).toMatchObject({ how: 'fork' });
  });

  test('a refresh that finds a thief costs two', async () => {
    const stolen = new Map(browser.cookies);
    for (let round = 0; round < 2; round += 1) {
      kit.clock.advance(LEEWAY);
      await browser.refresh();
    }
    browser.cookies = stolen;
    expect(await costOf(refused(() => browser.refresh()))).toEqual(alone(2 + read));
    expect(kit.events.at(-1)).toMatchObject({ reason: 'refresh_token_reused' });
  });

  test('a refresh of a session that is over costs one, and one with a forged token none', async () => {
    const cookies = new Map(browser.cookies);
    await browser.call().auth.logout();
    browser.cookies = cookies;
    expect(await costOf(refused(() => browser.refresh()))).toEqual(alone(1));
    browser.cookies = new Map([['__Host-refresh', [`${cookies.get('__Host-refresh')?.[0]}x`]]]);
    expect(await costOf(refused(() => browser.refresh()))).toEqual(alone(0));
  });

  test('a login costs three, and four when it replaces a session', async () => {
    expect(await costOf(() => kit.openBrowser().login('ada'))).toEqual(inTransaction(2, 1));
    expect(await costOf(() => browser.login('ada'))).toEqual(inTransaction(3, 1));
    expect(await costOf(() => kit.openBrowser().login('ada@mail.example'))).toEqual(inTransaction(2, 1));
  });

  test('a login that is refused costs one', async () => {
    const guess = (username: string) =>
      kit
        .openBrowser()
        .call()
        .auth.login({ username, password: `${TEST_PASSWORD}!` });
    expect(await costOf(refused(() => guess('ada')))).toEqual(alone(1));
    expect(await costOf(refused(() => guess('nobody')))).toEqual(alone(1));
  });

  test('limits add five to a login, and four from a device that the account knows', async () => {
    const limited = await createTestAuth(store, { feed: quietFeed, rateLimit: true, features: [] });
    const known = limited.openBrowser();
    expect(await costOf(() => known.login('ada'))).toEqual(inTransaction(2, 6));
    known.cookies.delete('__Host-refresh');
    expect(await costOf(() => known.login('ada'))).toEqual(inTransaction(2, 5));
    await limited.stop();
  });

  test('a registration costs five: one asks whether its address can be taken back by somebody', async () => {
    expect(await costOf(() => kit.openBrowser().register('grace'))).toEqual(inTransaction(2, 3));
  });

  test('a logout costs one', async () => {
    expect(await costOf(() => browser.call().auth.logout())).toEqual(alone(1));
  });

  test('whatever is asked of sessions costs one, and of one’s own account too', async () => {
    await kit.openBrowser().login('ada');
    const other = (await browser.call().sessions.list()).find(({ current }) => !current);
    expect(await costOf(() => browser.call().sessions.list())).toEqual(alone(1));
    expect(await costOf(() => browser.call().user.me())).toEqual(alone(1));
    expect(await costOf(() => browser.call().sessions.revoke({ id: other?.id ?? '' }))).toEqual(alone(1));
    expect(await costOf(() => browser.call().sessions.revokeOthers())).toEqual(alone(1));
  });

  test('while the feed is not live a protected query costs one', async () => {
    const deaf = await createTestAuth(store, {
      feed: { ...quietFeed, isLive: () => false },
      features: [],
      clock: kit.clock,
    });
    const person = deaf.openBrowser();
    await person.login('ada');
    expect(await costOf(() => person.call().auth.claims())).toEqual(alone(1));
    await deaf.stop();
  });

  test('with an audit trail, what changes something grows by its event, and nothing else does', async () => {
    const audited = await createTestAuth(store, { feed: quietFeed, clock: kit.clock });
    const person = audited.openBrowser();
    expect(await costOf(() => person.login('ada'))).toEqual(inTransaction(3, 1));
    const wrong = { username: 'ada', password: `${TEST_PASSWORD}!` };
    expect(await costOf(refused(() => audited.openBrowser().call().auth.login(wrong)))).toEqual(alone(2));

    const before = new Map(person.cookies);
    expect(await costOf(() => person.call().auth.claims())).toEqual(alone(0));
    kit.clock.advance(LEEWAY);
    expect(await costOf(() => person.refresh())).toEqual(alone(1));
    expect(await costOf(() => person.refresh())).toEqual(alone(1));
    kit.clock.advance(1);
    person.cookies = new Map(before);
    expect(await costOf(() => person.refresh())).toEqual(alone(2 + read));
    kit.clock.advance(LEEWAY);
    person.cookies = before;
    expect(await costOf(() => person.refresh())).toEqual(alone(2 + read));

    expect(await costOf(() => person.call().events.list())).toEqual(alone(1));
    expect(await costOf(() => person.call().auth.logout())).toEqual(inTransaction(2));
    await audited.stop();
  });

  test('where mail is on, a call grows by its event, and by two for each notice: one finds whom to tell', async () => {
    const mailing = await createTestAuth(store, {
      feed: quietFeed,
      clock: kit.clock,
      smtpUrl: 'smtp://127.0.0.1:1',
    });
    const person = mailing.openBrowser();
    await person.login('ada');
    await store.database.db.withTables<AuthTables>().updateTable('auth_users').set({ email_verified_at: 1 }).execute();
    const password = TEST_PASSWORD;
    const newPassword = `${password} two`;
    const ask = async (email: string) => {
      await mailing.openBrowser().call().auth.requestPasswordReset({ email });
      await pendingWorkSlot.of(mailing.auth).pending();
    };
    const costs = {
      login: await costWithMail(() => person.login('ada')),
      'login from a new device': await costWithMail(() => mailing.openBrowser().login('ada')),
      reauthenticate: await costWithMail(async () => {
        person.accessToken = (await person.call().auth.reauthenticate({ password })).accessToken;
      }),
      'reauthenticate, refused': await costWithMail(
        refused(() => person.call().auth.reauthenticate({ password: `${password}!` })),
      ),
      changePassword: await costWithMail(() =>
        person.call().auth.changePassword({ currentPassword: password, newPassword }),
      ),
      'requestPasswordReset of an account': await costWithMail(() => ask('ada@mail.example')),
      'requestPasswordReset of nobody': await costWithMail(() => ask('nobody@mail.example')),
    };
    expect(costs).toEqual({
      login: inTransaction(4, 1),
      'login from a new device': inTransaction(5, 1),
      reauthenticate: inTransaction(3, 1),
      'reauthenticate, refused': inTransaction(1, 1),
      changePassword: inTransaction(10, 3),
      'requestPasswordReset of an account': inTransaction(4, 1),
      'requestPasswordReset of nobody': alone(1),
    });
    await mailing.stop();
  });
});
