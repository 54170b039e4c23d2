import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createTestAuth, createTestKeys, type TestAuth } from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import { failStatements } from '#testing/failing-statements.ts';
import { quietFeed } from '#testing/quiet-feed.ts';
import { eachRecordedStore, isTransactionControl, type RecordedStore } from '#testing/recorded-store.ts';
import { refusal } from '#testing/refusal.ts';
import { WAY_BACK } from '../../accounts/address-changes.ts';
import { DAY } from '../../clock.ts';
import { createAuth } from '../../create-auth.ts';
import { sqlite } from '../../sqlite.ts';
import { isStoreUnavailable } from '../../store/store-errors.ts';
import type { AuditTables } from '../audit/audit-tables.ts';
import { importMembers } from './import-members.ts';
import { passwords } from './index.ts';
import type { Member } from './member.ts';
import type { PasswordTables } from './password-tables.ts';

/** As the hasher of `createTestAuth` makes it. */
const HASH = `quick$${'x'.repeat(43)}`;

const ada: Member = {
  id: 'auth0|5f7c8ec7c33c6c004bbafe82',
  username: 'Ada',
  email: 'ada@mail.example',
  emailVerified: true,
  passwordHash: HASH,
  roles: ['admin', 'user'],
  createdAt: '2019-05-17T10:00:00Z',
};

/** So many members, each with an id of its own form. */
const crowd = function* (count: number): Generator<Member> {
  for (let n = 0; n < count; n += 1) {
    yield { id: `member-${n}`, username: `member_${n}`, email: `member.${n}@mail.example`, passwordHash: HASH };
  }
};

/** All that a store has of accounts. */
const accountsIn = async ({ database }: TestStore) => {
  const db = database.db.withTables<PasswordTables>();
  return {
    users: await db.selectFrom('auth_users').selectAll().orderBy('id').execute(),
    passwords: await db.selectFrom('auth_passwords').selectAll().orderBy('user_id').execute(),
  };
};

describe.each(eachRecordedStore)('on $dialect', ({ open }) => {
  let store: RecordedStore;
  let kit: TestAuth;

  beforeEach(async () => {
    store = await open();
    kit = await createTestAuth(store, { feed: quietFeed });
  });
  afterEach(async () => {
    await kit.stop();
    await store.remove();
  });

  test('members keep what they are, and sign in with the hash that they bring', async () => {
    const { hash: passwordHash } = await signedUpHash();
    expect(await importMembers(kit.auth, [{ ...ada, passwordHash }])).toEqual({ imported: 1, refused: [] });
    const browser = kit.openBrowser();
    await browser.login('ADA@mail.example');
    await browser.refresh();
    expect(await browser.call().user.me()).toEqual({
      id: 'auth0|5f7c8ec7c33c6c004bbafe82',
      username: 'Ada',
      email: 'ada@mail.example',
      emailVerified: true,
      roles: ['user', 'admin'],
      createdAt: '2019-05-17T10:00:00.000Z',
    });
    expect((await browser.call().auth.claims()).userId).toBe(ada.id);
    expect(await browser.call().sessions.list()).toHaveLength(1);
    expect(kit.events).toContainEqual(expect.objectContaining({ event: 'login.succeeded', userId: ada.id }));
  });

  /** What the hasher in use makes of the tests' password. */
  const signedUpHash = async () => {
    await kit.openBrowser().register('somebody');
    const db = store.database.db.withTables<PasswordTables>();
    return db.selectFrom('auth_passwords').select('hash').executeTakeFirstOrThrow();
  };

  test('what a member does not bring is made up, or left empty', async () => {
    const members: Member[] = [
      { username: 'grace', email: null },
      { email: 'no.name@mail.example', roles: [] },
    ];
    expect(await importMembers(kit.auth, members)).toEqual({ imported: 2, refused: [] });
    const { users, passwords } = await accountsIn(store);
    expect(passwords).toEqual([]);
    for (const { id } of users) expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(users).toContainEqual(
      expect.objectContaining({ username: 'grace', email: null, roles: 'user', created_at: kit.clock.now() }),
    );
    expect(users).toContainEqual(expect.objectContaining({ username: null, email: 'no.name@mail.example', roles: '' }));
    expect(await refusal(kit.openBrowser().login('grace'))).toBe('invalid_credentials');
  });

  test('who is disabled by the 1 of a database that has no booleans stays so as well', async () => {
    const { hash: passwordHash } = await signedUpHash();
    const row: object = { disabled: 1 };
    await importMembers(kit.auth, [{ username: 'mallory', passwordHash, ...row }]);
    expect(await refusal(kit.openBrowser().login('mallory'))).toBe('invalid_credentials');
  });

  test('who is disabled stays so', async () => {
    const { hash: passwordHash } = await signedUpHash();
    await importMembers(kit.auth, [{ username: 'eve', passwordHash, disabled: true }]);
    expect(await refusal(kit.openBrowser().login('eve'))).toBe('invalid_credentials');
  });

  test('a second import refuses all, and changes nothing', async () => {
    await importMembers(kit.auth, [ada, ...crowd(600)]);
    const before = await accountsIn(store);
    const again = await importMembers(kit.auth, [{ ...ada, passwordHash: `${HASH}y` }, ...crowd(600)]);
    expect(again.imported).toBe(0);
    expect(again.refused).toEqual(Array.from({ length: 601 }, (_, index) => ({ index, reason: 'id_taken' })));
    expect(await accountsIn(store)).toEqual(before);
  });

  test('whoever cannot be taken is told by index and reason, and all others come in', async () => {
    await kit.openBrowser().register('taken');
    const refused: [Member, string][] = [
      [{ username: 'TAKEN' }, 'username_taken'],
      [{ username: 'ｔａｋｅｎ' }, 'username_taken'],
      [{ email: 'Taken@MAIL.example' }, 'email_taken'],
      [{ id: ada.id, username: 'second' }, 'id_taken'],
      [{ username: 'aDa' }, 'username_taken'],
      [{ username: 'ada lovelace' }, 'username_invalid'],
      [{ username: 'x' }, 'username_invalid'],
      [{ email: 'nobody' }, 'email_invalid'],
      [{ username: 'nul\0' }, 'username_invalid'],
      [{}, 'identifier_missing'],
      [{ id: '', username: 'no_id' }, 'id_invalid'],
      [{ id: 'two words', username: 'no_id' }, 'id_invalid'],
      [{ id: 'x'.repeat(129), username: 'no_id' }, 'id_invalid'],
      [{ id: 'é', username: 'no_id' }, 'id_invalid'],
      [{ username: 'no_hash', passwordHash: '' }, 'password_hash_invalid'],
      [{ username: 'no_hash', passwordHash: 'nul\0' }, 'password_hash_invalid'],
      [{ username: 'no_date', createdAt: 'soon' }, 'created_at_invalid'],
      // @ts-expect-error -- what JSON brings
      [{ username: 'no_role', roles: ['king'] }, 'role_unknown'],
      // @ts-expect-error -- what JSON brings
      [{ username: 'no_role', roles: 'admin' }, 'roles_invalid'],
      // @ts-expect-error -- what JSON brings
      [{ username: 'no_date', createdAt: { seconds: 1 } }, 'created_at_invalid'],
      // @ts-expect-error -- what JSON brings
      [null, 'member_invalid'],
      // @ts-expect-error -- what JSON brings
      ['ada', 'member_invalid'],
      // @ts-expect-error -- what JSON brings
      [{ id: 42, username: 'no_id' }, 'id_invalid'],
    ];
    const last: Member = { id: 'last', username: 'no_id', passwordHash: HASH };
    const result = await importMembers(kit.auth, [ada, ...refused.map(([member]) => member), last]);
    expect(result).toEqual({
      imported: 2,
      refused: refused.map(([, reason], at) => ({ index: at + 1, reason })),
    });
    expect((await accountsIn(store)).users.map(({ username }) => username).toSorted()).toEqual([
      'Ada',
      'no_id',
      'taken',
    ]);
  });

  test('a name that only a member who was refused bears is free', async () => {
    const refusedFirst: Member = { id: 'x y', username: 'ada' };
    expect(await importMembers(kit.auth, [refusedFirst, ada])).toMatchObject({ imported: 1 });
  });

  test('an address that its last owner can still take back is nobody else’s', async () => {
    await kit.openBrowser().register('eve');
    const userId = (await kit.services.accounts.findByIdentifier('eve'))?.id ?? '';
    await kit.services.flows.begin({ kind: WAY_BACK, userId, address: 'ada@mail.example', ttlMs: DAY });
    expect(await importMembers(kit.auth, [{ ...ada, email: 'ADA@mail.example' }, ...crowd(2)])).toEqual({
      imported: 2,
      refused: [{ index: 0, reason: 'email_taken' }],
    });
    kit.clock.advance(DAY);
    expect(await importMembers(kit.auth, [ada])).toEqual({ imported: 1, refused: [] });
  });

  test('many come in by five statements for each hundred, one of them for their events, and others have their turns in between', async () => {
    let turns = 0;
    const turn = setInterval(() => (turns += 1), 0);
    const heard = await store.record(() => importMembers(kit.auth, crowd(1000)));
    clearInterval(turn);
    const statements = heard.filter((statement) => !isTransactionControl(statement));
    expect(statements).toHaveLength(10 * 5);
    expect(new Set(heard.map(({ sql }) => sql)).size).toBeLessThanOrEqual(7);
    const events = await store.database.db
      .withTables<AuditTables>()
      .selectFrom('auth_events')
      .select(['user_id', 'outcome', 'detail', 'ip'])
      .where('event', '=', 'account.imported')
      .orderBy('id')
      .execute();
    expect(events.map(({ user_id: id }) => id)).toEqual([...crowd(1000)].map(({ id }) => id));
    expect(events[0]).toEqual({ user_id: 'member-0', outcome: 'succeeded', detail: '{}', ip: null });
    expect(turns).toBeGreaterThan(0);
  });

  test('a name that is registered at the same moment belongs to one of the two', async () => {
    const register = kit.openBrowser().register('member_7');
    const results = await Promise.allSettled([register, importMembers(kit.auth, crowd(20))]);
    const { users } = await accountsIn(store);
    expect(users).toHaveLength(20);
    expect(results[1]).toMatchObject({ status: 'fulfilled' });
  });
});

describe.each(eachStore)('on $dialect', ({ open }) => {
  test('a batch comes in as a whole or not at all, and what is missing comes in when it is run again', async () => {
    const store = await open();
    const kit = await createTestAuth(store, { feed: quietFeed });
    const statements = await failStatements(store);
    for (const n of [1, 2, 3, 4, 5]) {
      statements.failAt(n, 'unsent');
      await expect(importMembers(kit.auth, crowd(20))).rejects.toSatisfy(isStoreUnavailable);
      expect(statements.relent()).toBe(true);
      expect(await accountsIn(store)).toEqual({ users: [], passwords: [] });
    }
    const streamed = async function* (): AsyncGenerator<Member> {
      yield* crowd(450);
      throw new Error('The old database has gone.');
    };
    await expect(importMembers(kit.auth, streamed())).rejects.toThrow('The old database has gone.');
    expect((await accountsIn(store)).users).toHaveLength(400);
    const { imported, refused } = await importMembers(kit.auth, crowd(450));
    expect([imported, refused.length]).toEqual([50, 400]);
    vi.restoreAllMocks();
    await kit.stop();
    await store.remove();
  });
});

test('a script needs to start nothing', async () => {
  const options = { database: sqlite(':memory:'), publicUrl: 'https://app.example', ...createTestKeys() };
  const auth = createAuth({ ...options, features: [passwords()] });
  expect(await importMembers(auth, [ada])).toEqual({ imported: 1, refused: [] });
  await auth.stop();
});
