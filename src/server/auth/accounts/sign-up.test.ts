import { TRPCError } from '@trpc/server';
import type { Kysely, Migration } from 'kysely';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createTestAuth, TEST_PASSWORD, type TestAuth } from '#testing/auth.ts';
import { eachEmptyStore, type TestStore } from '#testing/each-store.ts';
import { refusal } from '#testing/refusal.ts';
import { importMembers } from '../features/passwords/index.ts';
import type { AuthTables } from '../store/tables.ts';
import type { OnSignUp } from './sign-up.ts';

type AppTables = { profiles: { user_id: string; name: string } };

const createProfiles: Migration = {
  up: async (db: Kysely<unknown>) => {
    await db.schema
      .createTable('profiles')
      .addColumn('user_id', 'text', (column) => column.primaryKey().references('auth_users.id'))
      .addColumn('name', 'text', (column) => column.notNull())
      .execute();
  },
};

describe.each(eachEmptyStore)('on $dialect', ({ open }) => {
  let store: TestStore;
  let kit: TestAuth;
  const onSignUp = vi.fn<OnSignUp>();

  const makeProfile: OnSignUp = async ({ user, transaction }) => {
    const profile = { user_id: user.id, name: user.username ?? '' };
    await transaction.withTables<AppTables>().insertInto('profiles').values(profile).execute();
  };

  beforeEach(async () => {
    onSignUp.mockReset().mockImplementation(makeProfile);
    store = await open();
    const migrations = [{ name: 'app', migrations: { '001_profiles': createProfiles } }];
    kit = await createTestAuth(store, { onSignUp, migrations });
  });
  afterEach(async () => {
    await kit.stop();
    await store.remove();
  });

  const rows = async () => {
    const db = store.database.db.withTables<AuthTables & AppTables>();
    const [users, sessions, profiles] = await Promise.all([
      db.selectFrom('auth_users').select('username').orderBy('username').execute(),
      db.selectFrom('auth_sessions').select('user_id').execute(),
      db.selectFrom('profiles').select('name').orderBy('name').execute(),
    ]);
    return {
      users: users.map(({ username }) => username),
      sessions: sessions.length,
      profiles: profiles.map(({ name }) => name),
    };
  };

  test('what an app makes for a new account is made with it', async () => {
    const browser = kit.openBrowser();
    await browser.register('ada');
    expect(await rows()).toEqual({ users: ['ada'], sessions: 1, profiles: ['ada'] });
    expect(onSignUp.mock.calls[0]?.[0].user).toEqual(await browser.call().user.me());
  });

  test('nothing is left of an account when the app’s part fails, and the app’s refusal arrives', async () => {
    onSignUp.mockImplementationOnce(async (signUp) => {
      await makeProfile(signUp);
      throw new TRPCError({ code: 'FORBIDDEN', message: 'By invitation only.' });
    });
    const browser = kit.openBrowser();
    await expect(browser.register('ada')).rejects.toThrow('By invitation only.');
    expect(await rows()).toEqual({ users: [], sessions: 0, profiles: [] });
    expect(browser.cookies.size).toBe(0);
    expect(kit.events).toEqual([]);
    await browser.register('ada');
    expect(await rows()).toEqual({ users: ['ada'], sessions: 1, profiles: ['ada'] });
  });

  test('a name that is taken does not come to it', async () => {
    await kit.openBrowser().register('ada');
    expect(await refusal(kit.openBrowser().register('ada'))).toBe('username_taken');
    expect(onSignUp).toHaveBeenCalledTimes(1);
  });

  test('it runs for an account that the shell makes, and not for members that an app brings', async () => {
    const initiator = { id: 'test', address: null, userAgent: null };
    const input = { username: 'root', email: 'root@mail.example', password: TEST_PASSWORD };
    await kit.services.passwords.changes.createAccount(initiator, input);
    await importMembers(kit.auth, [{ username: 'member' }]);
    expect(await rows()).toEqual({ users: ['member', 'root'], sessions: 0, profiles: ['root'] });
  });
});
