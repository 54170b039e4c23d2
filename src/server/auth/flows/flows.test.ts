import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestSecret } from '#testing/auth.ts';
import { createTestClock, type TestClock } from '#testing/clock.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import { isHeavy } from '#testing/heavy.ts';
import { authMigrations } from '../store/migrations.ts';
import type { AuthDatabase, AuthTables } from '../store/tables.ts';
import { createSealing } from '../tokens/sealing.ts';
import { createFlowStore } from './flow-store.ts';
import { createFlows, type Flows } from './flows.ts';
import { purgeFlows } from './purge-flows.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const many = <TResult>(count: number, run: (index: number) => Promise<TResult>): Promise<TResult[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => run(index)));

const isThere = (value: unknown): boolean => value !== undefined;

describe.each(eachStore)('flows on $dialect', ({ dialect, open }) => {
  let store: TestStore;
  let database: AuthDatabase;
  let clock: TestClock;
  let flows: Flows;

  beforeAll(async () => {
    store = await open();
    await store.database.migrate([{ name: 'auth', migrations: authMigrations(dialect) }]);
    database = store.database.db.withTables<AuthTables>();
  });
  afterAll(() => store.remove());

  const createWith = (...secrets: string[]): Flows =>
    createFlows({ database, store: createFlowStore(database), sealing: createSealing(secrets), clock });

  const secret = createTestSecret();

  beforeEach(async () => {
    clock = createTestClock();
    flows = createWith(secret);
    await database.deleteFrom('auth_users').execute();
    await database.deleteFrom('auth_flows').execute();
  });

  const addUser = async (id: string): Promise<string> => {
    const user = { id, username: id, username_key: id, email: null, email_key: null, email_verified_at: null };
    await database
      .insertInto('auth_users')
      .values({
        ...user,
        roles: 'user',
        ver: 1,
        ver_raised_at: null,
        disabled_at: null,
        fac: '',
        devices: '',
        created_at: 0,
      })
      .execute();
    return id;
  };

  const consume = (name: string, kind = 'reset') =>
    database.transaction().execute((transaction) => flows.consume(name, kind, transaction));

  test('one is finished once, by its name, as what it is, with what it was begun with', async () => {
    const userId = await addUser('ada');
    const name = await flows.begin({ kind: 'reset', userId, data: { to: 'ada@mail.example' }, ver: 1, ttlMs: MINUTE });
    expect(name).toMatch(/^[\w-]{43}$/);
    expect(await flows.attempt(name, 'confirm')).toBeUndefined();
    expect(await flows.attempt(`${name.slice(0, -1)}!`, 'reset')).toBeUndefined();
    expect(await consume(name, 'confirm')).toBeUndefined();
    expect(await flows.attempt(name, 'reset')).toMatchObject({ userId, ver: 1, data: { to: 'ada@mail.example' } });
    expect(await consume(name)).toMatchObject({ userId, data: { to: 'ada@mail.example' } });
    expect(await consume(name)).toBeUndefined();
    expect(await flows.attempt(name, 'reset')).toBeUndefined();
  });

  test('of a hundred at once one finishes it, and of a hundred tries five are looked at', async () => {
    const rounds = isHeavy ? 20 : 1;
    for (let round = 0; round < rounds; round += 1) {
      const name = await flows.begin({ kind: 'reset', ttlMs: MINUTE });
      expect((await many(100, () => flows.attempt(name, 'reset'))).filter(isThere)).toHaveLength(5);
      expect((await many(100, () => consume(name))).filter(isThere)).toHaveLength(1);
    }
  }, 60_000);

  test('a try stands although what follows is undone, and is taken back where nobody looked at it', async () => {
    const name = await flows.begin({ kind: 'reset', ttlMs: MINUTE });
    const undone = database.transaction().execute(async (transaction) => {
      await flows.consume(name, 'reset', transaction);
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    for (let tries = 0; tries < 7; tries += 1) {
      expect(await flows.attempt(name, 'reset')).toBeDefined();
      await flows.refund(name);
    }
    for (let tries = 0; tries < 5; tries += 1) expect(await flows.attempt(name, 'reset')).toBeDefined();
    expect(await flows.attempt(name, 'reset')).toBeUndefined();
  });

  test('it is over once its time is', async () => {
    const name = await flows.begin({ kind: 'reset', ttlMs: MINUTE });
    clock.advance(MINUTE - 1);
    expect(await flows.attempt(name, 'reset')).toBeDefined();
    clock.advance(1);
    expect(await flows.attempt(name, 'reset')).toBeUndefined();
    expect(await consume(name)).toBeUndefined();
  });

  test('another `ver`, a disabled account and a deleted one void it; without a `ver` it survives the first', async () => {
    const userId = await addUser('ada');
    const bound = await flows.begin({ kind: 'reset', userId, ver: 1, ttlMs: MINUTE });
    const unbound = await flows.begin({ kind: 'reset', userId, ttlMs: MINUTE });
    const standing = async () => [
      isThere(await flows.attempt(bound, 'reset')),
      isThere(await flows.attempt(unbound, 'reset')),
    ];
    expect(await standing()).toEqual([true, true]);
    await database.updateTable('auth_users').set({ ver: 2 }).where('id', '=', userId).execute();
    expect(await standing()).toEqual([false, true]);
    await database.updateTable('auth_users').set({ disabled_at: 1 }).where('id', '=', userId).execute();
    expect(await standing()).toEqual([false, false]);
    expect(await flows.find({ userId }, ['reset'])).toEqual([]);
    await database.updateTable('auth_users').set({ disabled_at: null }).where('id', '=', userId).execute();
    expect(await standing()).toEqual([false, true]);
    await database.deleteFrom('auth_users').where('id', '=', userId).execute();
    expect(await standing()).toEqual([false, false]);
    expect(await database.selectFrom('auth_flows').selectAll().execute()).toEqual([]);
  });

  test('one of a browser is finished by that browser alone, and found by it', async () => {
    const name = await flows.begin({ kind: 'second_factor', browser: 'mine', ttlMs: MINUTE });
    expect(await flows.attempt(name, 'second_factor')).toBeUndefined();
    expect(await flows.attempt(name, 'second_factor', 'hers')).toBeUndefined();
    expect(await flows.attempt(name, 'second_factor', 'mine')).toBeDefined();
    expect(await flows.find({ browser: 'hers' }, ['second_factor'])).toEqual([]);
    const [found] = await flows.find({ browser: 'mine' }, ['second_factor', 'sign_up']);
    expect(found && (await flows.attempt(found, 'second_factor', 'mine'))).toBeDefined();
  });

  test('so many are alive at once: the oldest of the kind ends for a new one, of that user alone', async () => {
    const [ada, bob] = [await addUser('ada'), await addUser('bob')];
    const begin = async (userId: string) => {
      const name = await flows.begin({ kind: 'reset', userId, ttlMs: DAY, maxAlive: 3 });
      clock.advance(1);
      return name;
    };
    const others = [await begin(bob), await flows.begin({ kind: 'confirm', userId: ada, ttlMs: DAY })];
    const names = [await begin(ada), await begin(ada), await begin(ada), await begin(ada)];
    const alive = await many(4, async (index) => isThere(await flows.attempt(names[index] ?? '', 'reset')));
    expect(alive).toEqual([false, true, true, true]);
    expect(await flows.attempt(others[0] ?? '', 'reset')).toBeDefined();
    expect(await flows.attempt(others[1] ?? '', 'confirm')).toBeDefined();
  });

  test('those of a user, a session, a browser or an address are voided together, of some kinds or all but some', async () => {
    const userId = await addUser('ada');
    const begin = (kind: string) =>
      flows.begin({ kind, userId, sid: 's', browser: 'b', address: 'Ada@mail.example', ttlMs: DAY });
    const count = async () => (await flows.find({ userId }, ['one', 'two'])).length;
    for (const owner of [{ userId }, { sid: 's' }, { browser: 'b' }, { address: ' ada@MAIL.example' }]) {
      await begin('one');
      await begin('two');
      await flows.voidAll({ ...owner, kinds: ['one'] });
      expect(await count()).toBe(1);
      await flows.voidAll({ ...owner, exceptKinds: ['two'] });
      expect(await count()).toBe(1);
      await flows.voidAll({ userId, sid: 'another' });
      expect(await count()).toBe(1);
      await flows.voidAll(owner);
      expect(await count()).toBe(0);
    }
    expect(() => flows.voidAll({})).toThrow(TypeError);
  });

  test('an address is held for whom it was begun, while it is alive', async () => {
    const userId = await addUser('ada');
    await flows.begin({ kind: 'revert_email', userId, address: 'ada@mail.example', ttlMs: MINUTE });
    const holds = (exceptUserId?: string) =>
      flows.holdsAddress('ADA@mail.example', { kind: 'revert_email', ...(exceptUserId && { exceptUserId }) });
    const heldOf = async (...addresses: string[]) => [...(await flows.heldAddresses(addresses, 'revert_email'))];
    expect([await holds(), await holds('ada'), await holds('bob')]).toEqual([true, false, true]);
    expect(await heldOf('eve@mail.example', 'ADA@mail.example')).toEqual(['ADA@mail.example']);
    expect(await heldOf()).toEqual([]);
    clock.advance(MINUTE);
    expect(await holds()).toBe(false);
    expect(await heldOf('ada@mail.example')).toEqual([]);
  });

  test('a dump yields no name and no data; whoever moves the data to another flow, or has lost the secret, has none', async () => {
    const data = { hash: 'a secret of hers' };
    const names = [
      await flows.begin({ kind: 'reset', data, address: 'ada@mail.example', browser: 'cookie', ttlMs: MINUTE }),
      await flows.begin({ kind: 'reset', ttlMs: MINUTE }),
    ];
    const rows = await database.selectFrom('auth_flows').selectAll().execute();
    for (const text of [...names, 'a secret of hers', 'ada@mail.example', 'cookie']) {
      expect(JSON.stringify(rows)).not.toContain(text);
    }
    const sealed = rows.find((row) => row.data !== null)?.data ?? '';
    await database.updateTable('auth_flows').set({ data: sealed }).execute();
    const tries = await many(2, (index) => flows.attempt(names[index] ?? '', 'reset', 'cookie'));
    expect(tries.map((flow) => flow?.data)).toEqual([data, undefined]);
    expect(await createWith(createTestSecret()).attempt(names[0] ?? '', 'reset', 'cookie')).toMatchObject({
      data: undefined,
    });
    await expect(createWith().begin({ kind: 'reset', data, ttlMs: MINUTE })).rejects.toThrow('latchkey secrets');
  });

  test('what was over a day ago is purged', async () => {
    await many(5, () => flows.begin({ kind: 'reset', ttlMs: MINUTE }));
    const stays = await flows.begin({ kind: 'reset', ttlMs: MINUTE + 1 });
    clock.advance(MINUTE + DAY);
    let purged = 0;
    let after: string | undefined = '';
    while (after !== undefined) {
      const step = await purgeFlows(database)({ after, limit: 2, now: clock.now() });
      purged += step.purged;
      after = step.next;
    }
    expect(purged).toBe(5);
    expect(await database.selectFrom('auth_flows').select('name_hash').execute()).toHaveLength(1);
    expect(stays).toBeDefined();
  });
});
