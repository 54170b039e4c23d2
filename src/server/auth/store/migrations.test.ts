import { type Kysely, type Migration, sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eachEmptyStore, type TestStore } from '#testing/each-store.ts';
import { authMigrations } from './migrations.ts';

const TABLES = ['auth_flows', 'auth_limits', 'auth_removals', 'auth_sessions', 'auth_users'];

/** What the builds before the first release ran one after the other. */
const OF_EARLIER_BUILDS = [
  '001_create_tables',
  '004_keep_devices_with_their_user',
  '005_index_what_is_asked_often',
  '006_count_forks',
  '007_hear_what_is_written_by_hand',
];

describe.each(eachEmptyStore)('the migrations of the stack on $dialect', ({ dialect, open }) => {
  let store: TestStore;
  beforeEach(async () => {
    store = await open();
  });
  afterEach(() => store.remove());

  /** Those in which it is kept what has run are left out. */
  const tableNames = async (): Promise<string[]> => {
    const tables = await store.database.db.introspection.getTables();
    return tables.map(({ name }) => name).filter((name) => !/_migration(?:_lock)?$/.test(name));
  };

  test('make the tables of the core, and no others', async () => {
    await store.database.migrate([{ name: 'auth', migrations: authMigrations(dialect) }]);
    expect((await tableNames()).toSorted()).toEqual(TABLES);
  });

  test.each([1, OF_EARLIER_BUILDS.length])(
    'a store on which %s of the migrations of an earlier build ran is refused in one line, and left as it is',
    async (ran) => {
      const createUsers: Migration = {
        up: (db: Kysely<unknown>) => db.schema.createTable('auth_users').addColumn('id', 'text').execute(),
      };
      const others = OF_EARLIER_BUILDS.slice(1, ran).map((name): [string, Migration] => [
        name,
        { up: () => Promise.resolve() },
      ]);
      const earlier = { '001_create_tables': createUsers, ...Object.fromEntries(others) };
      await store.database.migrate([{ name: 'auth', migrations: earlier }]);
      await sql`insert into auth_users values ('ada')`.execute(store.database.db);

      const migrating = store.database.migrate([{ name: 'auth', migrations: authMigrations(dialect) }]);
      const error: unknown = await migrating.catch((reason: unknown) => reason);
      expect(String(error)).toMatch(
        /^DatabaseUnavailableError: The store was migrated by another build, [^\n]*\(auth\)[^\n]*$/,
      );
      expect(await tableNames()).toEqual(['auth_users']);
      expect((await sql`select * from auth_users`.execute(store.database.db)).rows).toEqual([{ id: 'ada' }]);
    },
  );
});
