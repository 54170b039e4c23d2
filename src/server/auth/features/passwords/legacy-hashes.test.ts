import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createTestAuth, TEST_PASSWORD, type TestAuth } from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import { refusal } from '#testing/refusal.ts';
import type { AuthTables } from '../../store/tables.ts';
import type { PasswordHasher } from './argon2.ts';
import { createArgon2Pool } from './hasher-pool.ts';
import { importMembers, passwords } from './index.ts';
import { type VerifyLegacyHash, withLegacyHashes } from './legacy-hashes.ts';
import { createPasswordStore } from './password-store.ts';
import type { PasswordTables } from './password-tables.ts';

const legacyHash = (password: string): string => `md5$${createHash('md5').update(password).digest('hex')}`;

describe.each(eachStore)('on $dialect', ({ open }) => {
  let store: TestStore;
  let kit: TestAuth;
  const verifyLegacyHash = vi.fn<VerifyLegacyHash>();

  beforeEach(async () => {
    verifyLegacyHash.mockReset().mockImplementation((password, hash) => hash === legacyHash(password));
    store = await open();
    kit = await createTestAuth(store, { rateLimit: true, hasher: createArgon2Pool({ verifyLegacyHash }) });
    await importMembers(kit.auth, [{ id: 'ada', username: 'ada', passwordHash: legacyHash(TEST_PASSWORD) }]);
  });
  afterEach(async () => {
    await kit.stop();
    await store.remove();
  });

  const storedHash = async (): Promise<string> => {
    const db = store.database.db.withTables<PasswordTables>();
    return (await db.selectFrom('auth_passwords').select('hash').executeTakeFirstOrThrow()).hash;
  };
  const login = (password: string) => kit.openBrowser().call().auth.login({ username: 'ada', password });

  test('a member signs in with an old hash, which is renewed and not asked for again', async () => {
    expect(await refusal(login('not the password'))).toBe('invalid_credentials');
    expect(await storedHash()).toBe(legacyHash(TEST_PASSWORD));
    await login(TEST_PASSWORD);
    expect(await storedHash()).toMatch(/^\$argon2id\$/);
    expect(verifyLegacyHash).toHaveBeenCalledTimes(2);
    await login(TEST_PASSWORD);
    expect(await refusal(login('not the password'))).toBe('invalid_credentials');
    expect(verifyLegacyHash).toHaveBeenCalledTimes(2);
  });

  test('an error of the app’s function is the server’s, and no attempt', async () => {
    for (let time = 0; time < 12; time += 1) {
      verifyLegacyHash.mockImplementationOnce(() => Promise.reject(new Error('The module is missing.')));
      await expect(login(TEST_PASSWORD)).rejects.toThrow('The module is missing.');
    }
    await login(TEST_PASSWORD);
  });

  test('an answer that is neither true nor false lets nobody in', async () => {
    // @ts-expect-error -- what JavaScript may bring
    verifyLegacyHash.mockImplementationOnce(() => ({ user: 'somebody' }));
    await expect(login(TEST_PASSWORD)).rejects.toThrow('true or false');
    expect(await storedHash()).toBe(legacyHash(TEST_PASSWORD));
  });

  test('a password that is changed while the old one is verified stays, and the old one signs nobody in', async () => {
    const hash = await createArgon2Pool().hash('another battery staple');
    verifyLegacyHash.mockImplementationOnce(async () => {
      const database = store.database.db.withTables<AuthTables>();
      const change = { userId: 'ada', hash, now: kit.clock.now() };
      await database.transaction().execute((transaction) => createPasswordStore(database).replace(transaction, change));
      return true;
    });
    expect(await refusal(login(TEST_PASSWORD))).toBe('invalid_credentials');
    await login('another battery staple');
  });
});

test('an old hash takes the work of an unknown user beside its own', async () => {
  const verify = vi.fn<PasswordHasher['verify']>(async () => false);
  const hasher = withLegacyHashes({ ...createArgon2Pool(), verify }, () => true);
  expect(await hasher.verify('md5$…', 'password')).toBe(true);
  expect(await hasher.verify(undefined, 'password')).toBe(false);
  expect(verify.mock.calls).toEqual([
    [undefined, 'password'],
    [undefined, 'password'],
  ]);
});

test('a hash that nobody can verify is told as the app’s own mistake', async () => {
  await expect(createArgon2Pool().verify('$2b$10$…', 'password')).rejects.toThrow('verifyLegacyHash');
});

test('a hasher of one’s own verifies all hashes itself', () => {
  expect(() => passwords({ hasher: createArgon2Pool(), verifyLegacyHash: () => true })).toThrow(TypeError);
});
