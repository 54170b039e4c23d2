import { sql } from 'kysely';
import type { Store } from 'latchkey/server';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createStore } from '#server/database/index.ts';
import {
  createTestAuth,
  createTestKeys,
  elsewhere,
  TEST_PASSWORD,
  type TestAuth,
  type TestBrowser,
} from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import { failStatements } from '#testing/failing-statements.ts';
import { isHeavy } from '#testing/heavy.ts';
import type { OnDelete } from '../accounts/sign-up.ts';
import { reasonOf } from '../refusal.ts';

const MINUTE = 60 * 1000;
const ROUNDS = isHeavy ? 100 : 10;

describe.each(eachStore)('on $dialect deleting one’s account', ({ dialect, open }) => {
  let store: TestStore;
  let kit: TestAuth;
  let other: TestAuth;
  let elsewhereStore: Store;
  let browser: TestBrowser;
  let userId: string;
  let username: string;
  let people = 0;
  const onDelete = vi.fn<OnDelete>();

  beforeAll(async () => {
    store = await open();
    const keys = createTestKeys();
    kit = await createTestAuth(store, { ...keys, onDelete: (deletion) => onDelete(deletion) });
    elsewhereStore = createStore(store.location);
    other = await createTestAuth({ database: elsewhereStore }, { ...keys, clock: kit.clock });
  });
  beforeEach(async () => {
    onDelete.mockReset();
    people += 1;
    username = `ada_${people}`;
    browser = kit.openBrowser();
    await browser.register(username);
    userId = (await browser.call().user.me()).id;
    kit.events.length = 0;
  });
  afterEach(() => vi.restoreAllMocks());
  afterAll(async () => {
    await other.stop();
    await elsewhereStore.close();
    await kit.stop();
    await store.remove();
  });

  const rowsOf = async (table: string, column: string) =>
    (
      await sql<
        Record<string, unknown>
      >`select * from ${sql.table(table)} where ${sql.ref(column)} = ${userId}`.execute(store.database.db)
    ).rows;
  const reason = async (call: Promise<unknown>): Promise<string | undefined> => {
    try {
      await call;
      return undefined;
    } catch (error) {
      return reasonOf(error) ?? String(error);
    }
  };
  const remove = (by = browser) => by.call().auth.deleteAccount({ confirm: username });

  test('ends its sessions everywhere, clears the cookies and empties its rows at once', async () => {
    const phone = kit.openBrowser();
    await phone.login(username);
    const cookies = new Map(browser.cookies);
    const token = elsewhere(other, phone);
    await token.call().auth.claims();

    expect(await remove()).toEqual({ ok: true });
    expect([...browser.cookies.keys()]).toEqual(['__Host-device']);
    await vi.waitFor(async () => expect(await reason(token.call().auth.claims())).toBe('session_revoked'));
    expect(await reason(browser.call().auth.claims())).toBe('session_revoked');
    for (const left of [cookies, phone.cookies]) {
      browser.cookies = new Map(left);
      expect(await reason(browser.refresh())).toBe('session_revoked');
    }
    expect(await reason(kit.openBrowser().login(username))).toBe('invalid_credentials');

    const [user] = await rowsOf('auth_users', 'id');
    expect(user).toMatchObject({
      username: null,
      username_key: null,
      email: null,
      email_key: null,
      roles: '',
      devices: '',
    });
    const sessions = await rowsOf('auth_sessions', 'user_id');
    expect(sessions).toHaveLength(2);
    for (const session of sessions)
      expect(session).toMatchObject({ revoked_cause: 'account_deleted', ip: null, user_agent: null });
    expect(await rowsOf('auth_passwords', 'user_id')).toEqual([]);
    expect(await kit.auth.findUser(userId)).toBeNull();
    expect(kit.events.map(({ event }) => event)).toEqual([
      'login.succeeded',
      'session.ended',
      'session.ended',
      'account.deleted',
      'access.refused',
      'refresh.refused',
      'refresh.refused',
      'login.refused',
    ]);
  });

  test('leaves its events, which name nobody', async () => {
    await sql`insert into auth_events (id, at, event, outcome, user_id, actor_id, ip, request_id, detail)
      values (${`z-${userId}`}, 1, 'role.granted', 'succeeded', ${userId}, 'an administrator', '192.0.2.7', 'r', '{}')`.execute(
      store.database.db,
    );
    await remove();
    const all = await rowsOf('auth_events', 'user_id');
    // Where an administrator was is not the person's own.
    expect(all.filter(({ ip }) => ip !== null).map(({ event }) => event)).toEqual(['role.granted']);
    const events = all.filter(({ event }) => event !== 'role.granted');
    expect(events.map(({ event }) => event).toSorted()).toEqual([
      'account.deleted',
      'account.registered',
      'session.ended',
    ]);
    expect(JSON.stringify(events)).not.toContain(username);
    // Nor is anybody to be told by where they were.
    expect(events.map(({ ip, user_agent: agent }) => [ip, agent])).toEqual(events.map(() => [null, null]));
  });

  test('frees its names', async () => {
    await remove();
    await kit.openBrowser().register(username);
  });

  test('asks for the name of the account, in any spelling, and says where it is another', async () => {
    const refused = await browser
      .call()
      .auth.deleteAccount({ confirm: `${username}x` })
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'BAD_REQUEST', cause: { message: expect.stringContaining('"confirm"') } });
    expect((await browser.call().user.me()).username).toBe(username);
    await browser.call().auth.deleteAccount({ confirm: ` ${username.toUpperCase()} ` });
  });

  test('tells the app in the transaction, by the names that it had, and stops where the app does', async () => {
    onDelete.mockImplementation(async ({ transaction }) => {
      await sql`update auth_users set devices = 'changed by the app' where id = ${userId}`.execute(transaction);
      throw new Error('Not now');
    });
    await expect(remove()).rejects.toThrow('Not now');
    expect(onDelete.mock.calls[0]?.[0]).toMatchObject({
      user: { id: userId, username, email: `${username}@mail.example` },
    });
    const [user] = await rowsOf('auth_users', 'id');
    expect(user).toMatchObject({ username, deleted_at: null });
    expect(user?.['devices']).not.toBe('changed by the app');
    await browser.call().auth.claims();
    await browser.refresh();
    expect((await rowsOf('auth_events', 'user_id')).map(({ event }) => event)).toEqual(['account.registered']);
  });

  test('is all or nothing, whichever statement fails', async () => {
    const failing = await failStatements(store);
    let failures = 0;
    for (let statement = 1; ; statement += 1) {
      failing.failAt(statement, 'unsent');
      const outcome = await reason(remove());
      if (!failing.relent()) {
        expect(outcome).toBeUndefined();
        break;
      }
      failures += 1;
      expect(outcome).toBeDefined();
      const [user] = await rowsOf('auth_users', 'id');
      if (user?.['deleted_at'] !== null) throw new Error(`Half of it stands after statement ${statement}.`);
      expect(await rowsOf('auth_passwords', 'user_id')).toHaveLength(1);
      expect((await rowsOf('auth_sessions', 'user_id')).filter((row) => row['revoked_at'] !== null)).toEqual([]);
      expect(await rowsOf('auth_events', 'user_id')).toHaveLength(1);
    }
    expect(failures).toBeGreaterThan(8);
  });

  test('its rows go when no access token can be about, and everything that refers to them', async () => {
    await remove();
    kit.clock.advance(15 * MINUTE);
    await kit.services.purging.once();
    expect(await rowsOf('auth_users', 'id')).toHaveLength(1);
    kit.clock.advance(2 * MINUTE);
    await kit.services.purging.once();
    expect(await rowsOf('auth_users', 'id')).toEqual([]);
    expect(await rowsOf('auth_sessions', 'user_id')).toEqual([]);
    expect(await rowsOf('auth_events', 'user_id')).not.toEqual([]);
  });

  test('no administrator brings it back, or finds it', async () => {
    await remove();
    const shell = { id: 'r', address: null, userAgent: null };
    const { accountChanges, passwords } = kit.services;
    expect(await accountChanges.enable(shell, userId)).toBe('unknown_account');
    expect(await accountChanges.grantRole(shell, userId, 'admin')).toBe('unknown_account');
    expect(await passwords.changes.setPassword(shell, userId, 'another long password')).toBe('unknown_account');
    const listed: string[] = [];
    for await (const { id } of accountChanges.list()) listed.push(id);
    expect(listed).not.toContain(userId);
  });

  test(`raced by a refresh, a sign-in on another process and itself, leaves nothing that works, ${ROUNDS} times`, async () => {
    // Two connections of one process to a SQLite file wait for each other.
    const process = dialect === 'sqlite' ? kit : other;
    for (let round = 0; round < ROUNDS; round += 1) {
      const name = `raced_${people}_${round}`;
      const [tab, phone] = [kit.openBrowser(), process.openBrowser()];
      await tab.register(name);
      const again = kit.openBrowser();
      again.cookies = new Map(tab.cookies);
      again.accessToken = tab.accessToken;
      kit.clock.advance(MINUTE);
      const input = { username: name, password: TEST_PASSWORD };
      const [, , ...deletions] = await Promise.allSettled([
        again.refresh(),
        phone
          .call()
          .auth.login(input)
          .then((grant) => {
            phone.accessToken = grant.accessToken;
          }),
        tab.call().auth.deleteAccount({ confirm: name }),
        tab.call().auth.deleteAccount({ confirm: name }),
      ]);
      expect(deletions.some(({ status }) => status === 'fulfilled')).toBe(true);
      for (const left of [again, phone]) {
        await vi.waitFor(async () => expect(await reason(left.call().auth.claims())).toBeDefined());
        expect(await reason(left.refresh())).toBeDefined();
      }
      expect(await reason(kit.openBrowser().call().auth.login(input))).toBe('invalid_credentials');
    }
    const { rows } = await sql`
      select s.id from auth_sessions s join auth_users u on u.id = s.user_id
      where u.deleted_at is not null and s.revoked_at is null`.execute(store.database.db);
    expect(rows).toEqual([]);
  });
});
