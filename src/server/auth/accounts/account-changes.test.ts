import { TRPCError } from '@trpc/server';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createStore } from '#server/database/index.ts';
import {
  createTestAuth,
  createTestKeys,
  createTestSecret,
  TEST_PASSWORD,
  type TestAuth,
  type TestBrowser,
} from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import { isHeavy } from '#testing/heavy.ts';
import type { PasswordHasher } from '../features/passwords/argon2.ts';
import { importMembers } from '../features/passwords/index.ts';
import { refusalOf, refuse } from '../refusal.ts';
import type { AuthTables } from '../store/tables.ts';

const RACES = isHeavy ? 100 : 20;
const NEW_PASSWORD = 'another horse battery staple';
const shell = { id: 'command', address: null, userAgent: 'shell' };

/** `ok`, or the reason of the refusal, with its cause. */
const outcome = async (call: Promise<unknown>): Promise<string> => {
  try {
    await call;
    return 'ok';
  } catch (error) {
    const refusal = error instanceof TRPCError ? refusalOf(error) : undefined;
    if (refusal === undefined) throw error;
    return [refusal.reason, refusal.details.cause].filter(Boolean).join(': ');
  }
};

describe.each(eachStore)('on $dialect', ({ dialect, open }) => {
  let store: TestStore;
  let kit: TestAuth;
  let browser: TestBrowser;
  let id: string;
  const cleanUps: (() => Promise<unknown>)[] = [];
  const keys = createTestKeys();

  const idOf = async (username: string): Promise<string> => {
    const account = await kit.services.accountChanges.find(username);
    if (account === undefined) throw new Error(`There is no ${username}.`);
    return account.id;
  };

  beforeEach(async () => {
    store = await open();
    cleanUps.push(() => store.remove());
    kit = await createTestAuth(store, keys);
    cleanUps.push(() => kit.stop());
    browser = kit.openBrowser();
    await browser.register('ada');
    id = await idOf('ada');
    kit.events.length = 0;
  });
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
  });

  /** Another process on the same store. */
  const startAnother = async (options: Parameters<typeof createTestAuth>[1] = {}): Promise<TestAuth> => {
    const database = createStore(store.location);
    cleanUps.push(() => database.close());
    const another = await createTestAuth({ database }, { ...keys, ...options });
    cleanUps.push(() => another.stop());
    return another;
  };

  const copyOf = (original: TestBrowser, where = kit): TestBrowser => {
    const copy = where.openBrowser();
    copy.accessToken = original.accessToken;
    for (const [cookie, values] of original.cookies) copy.cookies.set(cookie, values);
    return copy;
  };

  const liveSessions = async (userId: string): Promise<number> => {
    const rows = await store.database.db
      .withTables<AuthTables>()
      .selectFrom('auth_sessions')
      .select('id')
      .where('user_id', '=', userId)
      .where('revoked_at', 'is', null)
      .execute();
    return rows.length;
  };

  test('finds an account by username or e-mail in any spelling, and lists all by name', async () => {
    await kit.openBrowser().register('Bob');
    expect(await kit.services.accountChanges.find(' ADA ')).toMatchObject({
      id,
      username: 'ada',
      roles: ['user'],
      disabledAt: null,
    });
    expect(await kit.services.accountChanges.find('ADA@Mail.example')).toMatchObject({ id });
    expect(await kit.services.accountChanges.find('nobody')).toBeUndefined();
    const names: (string | null)[] = [];
    for await (const { username } of kit.services.accountChanges.list()) names.push(username);
    expect(names).toEqual(['ada', 'Bob']);
  });

  test('creates an account that can sign in, and refuses names that are taken and common passwords', async () => {
    const { passwords } = kit.services;
    const input = { username: 'root', email: 'root@mail.example', password: TEST_PASSWORD };
    expect(await passwords.changes.createAccount(shell, input, ['user', 'admin'])).toMatchObject({
      roles: ['user', 'admin'],
    });
    const root = kit.openBrowser();
    await root.login('root');
    expect((await root.call().auth.claims()).roles).toEqual(['user', 'admin']);
    expect(await outcome(passwords.changes.createAccount(shell, { ...input, username: 'ROOT' }))).toBe(
      'username_taken',
    );
    expect(await outcome(passwords.changes.createAccount(shell, { ...input, username: 'other' }))).toBe('email_taken');
    expect(
      await outcome(passwords.changes.createAccount(shell, { ...input, username: 'x', password: 'password1' })),
    ).toBe('password_too_common');
  });

  test('a role that changes makes the access token stale at once, and the next refresh carries the new roles', async () => {
    const { accountChanges } = kit.services;
    expect(await accountChanges.grantRole(shell, id, 'admin')).toBe('done');
    expect(await outcome(browser.call().auth.claims())).toBe('access_token_stale');
    await browser.refresh();
    expect((await browser.call().auth.claims()).roles).toEqual(['user', 'admin']);

    expect(await accountChanges.grantRole(shell, id, 'admin')).toBe('unchanged');
    await browser.call().auth.claims();
    expect(await accountChanges.revokeRole(shell, id, 'user')).toBe('done');
    expect(await accountChanges.revokeRole(shell, id, 'admin', { isForced: true })).toBe('done');
    expect(await outcome(browser.call().auth.claims())).toBe('access_token_stale');
    await browser.refresh();
    expect((await browser.call().auth.claims()).roles).toEqual([]);
    expect(await accountChanges.grantRole(shell, id, 'user')).toBe('done');
    expect((await accountChanges.find('ada'))?.roles).toEqual(['user']);
    expect(await accountChanges.grantRole(shell, 'nobody', 'admin')).toBe('unknown_account');
  });

  test('of twenty changes at once none is lost', async () => {
    const { accountChanges } = kit.services;
    const changes = Array.from({ length: 20 }, (_, index) =>
      index % 2
        ? accountChanges.grantRole(shell, id, 'admin')
        : accountChanges.revokeRole(shell, id, 'admin', { isForced: true }),
    );
    const done = (await Promise.all(changes)).filter((change) => change === 'done');
    const row = await store.database.db
      .withTables<AuthTables>()
      .selectFrom('auth_users')
      .selectAll()
      .executeTakeFirst();
    expect(row?.ver).toBe(1 + done.length);
    expect(row?.roles).toBe(done.length % 2 ? 'user,admin' : 'user');
  });

  test('disabling ends everything at once, on another process too, and enabling brings no session back', async () => {
    const there = await startAnother();
    const elsewhere = copyOf(browser, there);
    await elsewhere.call().auth.claims();
    expect(await kit.services.accountChanges.disable(shell, id)).toBe('done');
    expect(await outcome(browser.call().auth.claims())).toBe('session_revoked: account_disabled');
    await vi.waitFor(async () =>
      expect(await outcome(elsewhere.call().auth.claims())).toBe('session_revoked: account_disabled'),
    );
    expect(await outcome(elsewhere.refresh())).toBe('session_revoked: account_disabled');
    expect(await outcome(there.openBrowser().login('ada'))).toBe('invalid_credentials');
    expect(await kit.services.accountChanges.disable(shell, id)).toBe('unchanged');
    expect((await kit.services.accountChanges.find('ada'))?.disabledAt).toBe(new Date(kit.clock.now()).toISOString());

    expect(await kit.services.accountChanges.enable(shell, id)).toBe('done');
    expect(await kit.services.accountChanges.enable(shell, id)).toBe('unchanged');
    expect(await outcome(browser.refresh())).toBe('session_revoked: account_disabled');
    await there.openBrowser().login('ada');
  });

  test('no session of a disabled account is good, even if its own row says nothing', async () => {
    const deadFeed = {
      start: async () => {},
      isLive: () => false,
      lag: () => Number.POSITIVE_INFINITY,
      announce: () => Promise.resolve(),
      stop: async () => {},
    };
    const asking = await startAnother({ feed: deadFeed });
    await store.database.db.withTables<AuthTables>().updateTable('auth_users').set({ disabled_at: 1 }).execute();
    expect(await outcome(copyOf(browser).refresh())).toBe('session_revoked: account_disabled');
    expect(await outcome(copyOf(browser, asking).call().auth.claims())).toBe('session_revoked: account_disabled');
  });

  test('sessions that an administrator ends say so', async () => {
    const other = kit.openBrowser();
    await other.login('ada');
    expect(await kit.services.accountChanges.endSessions(shell, id)).toBe(2);
    for (const each of [browser, other]) {
      expect(await outcome(each.call().auth.claims())).toBe('session_revoked: ended_by_admin');
      expect(await outcome(each.refresh())).toBe('session_revoked: ended_by_admin');
    }
    expect(await kit.services.accountChanges.endSessions(shell, id)).toBe(0);
    await other.login('ada');
  });

  test('a new password ends every session and is the only one that signs in', async () => {
    const { passwords } = kit.services;
    expect(await outcome(passwords.changes.setPassword(shell, id, 'password1'))).toBe('password_too_common');
    expect(await outcome(passwords.changes.setPassword(shell, id, 'ada-mail-1234'))).toBe('password_too_common');
    await browser.call().auth.claims();
    expect(await passwords.changes.setPassword(shell, id, NEW_PASSWORD)).toBe('done');
    expect(await outcome(browser.call().auth.claims())).toBe('session_revoked: password_changed');
    expect(await outcome(browser.refresh())).toBe('session_revoked: password_changed');
    expect(await outcome(browser.login('ada'))).toBe('invalid_credentials');
    await browser.call().auth.login({ username: 'ada', password: NEW_PASSWORD });
    expect(await passwords.changes.setPassword(shell, 'nobody', NEW_PASSWORD)).toBe('unknown_account');
  });

  test('each change is an event under the initiator’s id, and what changes nothing is none', async () => {
    const { accountChanges, passwords } = kit.services;
    await accountChanges.grantRole(shell, id, 'admin');
    await accountChanges.grantRole(shell, id, 'admin');
    await accountChanges.revokeRole(shell, id, 'admin', { isForced: true });
    await passwords.changes.setPassword(shell, id, NEW_PASSWORD);
    await accountChanges.disable(shell, id);
    await accountChanges.enable(shell, id);
    expect(kit.events.map(({ event, requestId }) => [event, requestId])).toEqual(
      ['role.granted', 'role.revoked', 'session.ended', 'password.changed', 'account.disabled', 'account.enabled'].map(
        (event) => [event, 'command'],
      ),
    );
    expect(JSON.stringify(kit.events)).not.toContain(NEW_PASSWORD);
  });

  test('the last account that can administer keeps its role and its standing, unless that is forced', async () => {
    const { accountChanges } = kit.services;
    await kit.openBrowser().register('eve');
    const eve = await idOf('eve');
    await accountChanges.grantRole(shell, id, 'admin');
    await accountChanges.grantRole(shell, eve, 'admin');
    expect(await accountChanges.disable(shell, eve)).toBe('done');
    expect(await accountChanges.revokeRole(shell, id, 'admin')).toBe('last_admin');
    expect(await accountChanges.disable(shell, id)).toBe('last_admin');
    expect(kit.events.at(-1)).toMatchObject({ event: 'last_admin.kept', userId: id, requestId: 'command' });
    expect(await accountChanges.find('ada')).toMatchObject({ roles: ['user', 'admin'], disabledAt: null });

    expect(await accountChanges.revokeRole(shell, eve, 'admin')).toBe('done');
    expect(await accountChanges.revokeRole(shell, id, 'user')).toBe('done');
    expect(await accountChanges.disable(shell, id, { isForced: true })).toBe('done');
    expect(await accountChanges.revokeRole(shell, id, 'admin', { isForced: true })).toBe('done');
  });

  test('an administrator who has no way in is none that could take over', async () => {
    const { accountChanges, passwords } = kit.services;
    await importMembers(kit.auth, [{ username: 'member', roles: ['admin'] }]);
    const member = await idOf('member');
    await accountChanges.grantRole(shell, id, 'admin');
    expect(await accountChanges.disable(shell, id)).toBe('last_admin');
    expect(await accountChanges.revokeRole(shell, id, 'admin')).toBe('last_admin');
    expect(await accountChanges.disable(shell, member)).toBe('done');
    expect(await accountChanges.enable(shell, member)).toBe('done');

    await passwords.changes.setPassword(shell, member, NEW_PASSWORD);
    expect(await accountChanges.disable(shell, id)).toBe('done');
    expect(await accountChanges.disable(shell, member)).toBe('last_admin');
  });

  test('the only administrator is kept who has no way in, who may be about to get one', async () => {
    const { accountChanges } = kit.services;
    await importMembers(kit.auth, [{ username: 'member', roles: ['admin'] }]);
    const member = await idOf('member');
    expect(await accountChanges.disable(shell, member)).toBe('last_admin');
    expect(await accountChanges.revokeRole(shell, member, 'admin')).toBe('last_admin');
  });

  test('of two administrators who would be taken away at once one is left', async () => {
    const there = dialect === 'sqlite' ? kit : await startAnother();
    await kit.openBrowser().register('eve');
    const eve = await idOf('eve');
    for (const userId of [id, eve]) await kit.services.accountChanges.grantRole(shell, userId, 'admin');
    for (let race = 0; race < RACES / 4; race += 1) {
      const changes = [
        race % 2
          ? kit.services.accountChanges.disable(shell, id)
          : kit.services.accountChanges.revokeRole(shell, id, 'admin'),
        there.services.accountChanges.disable(shell, eve),
      ];
      expect((await Promise.all(changes)).toSorted()).toEqual(['done', 'last_admin']);
      for (const userId of [id, eve]) {
        await kit.services.accountChanges.enable(shell, userId);
        await kit.services.accountChanges.grantRole(shell, userId, 'admin');
      }
    }
  });

  describe('raced by a refresh and a login, many times,', () => {
    test.each([
      ['disabling', (userId: string) => kit.services.accountChanges.disable(shell, userId), 'account_disabled'],
      [
        'a new password',
        (userId: string) => kit.services.passwords.changes.setPassword(shell, userId, NEW_PASSWORD),
        'password_changed',
      ],
    ])('%s leaves no live session behind', async (_what, change, cause) => {
      // Two SQLite connections in one thread would wait for each other: there the server is one.
      const there = dialect === 'sqlite' ? kit : await startAnother();
      for (let race = 0; race < RACES; race += 1) {
        const username = `eve_${race}`;
        const here = kit.openBrowser();
        await here.register(username);
        const userId = await idOf(username);
        // Past the leeway, so that the refresh writes.
        for (const { clock } of new Set([kit, there])) clock.advance(60_000);
        const newcomer = there.openBrowser();
        const refreshing = copyOf(here, there);
        const [changed, ...others] = await Promise.all([
          change(userId),
          outcome(refreshing.refresh()),
          outcome(newcomer.login(username)),
        ]);
        expect(changed).toBe('done');
        expect(['ok', `session_revoked: ${cause}`]).toContain(others[0]);
        expect(['ok', 'invalid_credentials']).toContain(others[1]);
        expect(await liveSessions(userId)).toBe(0);
        for (const one of [refreshing, newcomer]) expect(await outcome(one.refresh())).not.toBe('ok');
      }
    });
  });

  test('a login does not fail for a hash that cannot be renewed at the moment', async () => {
    const hash = () => Promise.reject(refuse('unavailable'));
    const hasher: PasswordHasher = { hash, verify: async () => true, isOutdated: () => true };
    const busy = await startAnother({ hasher });
    expect(await outcome(busy.openBrowser().login('ada'))).toBe('ok');
  });

  test('two logins that renew an outdated hash at once both succeed', async () => {
    const hash = async (password: string) => `new$${password}$${createTestSecret()}`;
    const verify = async (known: string | undefined, password: string) =>
      known?.startsWith('new$') ? known.startsWith(`new$${password}$`) : password === TEST_PASSWORD;
    const hasher: PasswordHasher = { hash, verify, isOutdated: (known) => !known.startsWith('new$') };
    const newer = await startAnother({ hasher });
    const logins = Array.from({ length: 5 }, () => outcome(newer.openBrowser().login('ada')));
    expect(await Promise.all(logins)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok']);
  });
});
