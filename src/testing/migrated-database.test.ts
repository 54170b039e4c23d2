import { expect, inject, test } from 'vitest';
import { emptyIfUnchanged, takeMigratedDatabase } from './migrated-database.ts';
import { runOnPostgres } from './run-on-postgres.ts';

const inDatabase = async (work: (url: string) => Promise<void>): Promise<void> => {
  const { url, giveBack } = await takeMigratedDatabase();
  try {
    await work(url);
  } finally {
    await giveBack();
  }
};

/** The tables with a row in them, but those of the migrations. */
const filledTables = async (url: string): Promise<unknown[]> =>
  runOnPostgres(
    url,
    `select tablename from pg_tables where schemaname = 'public' and tablename !~ '_migration(_lock)?$'
      and xpath_exists('/table/row', query_to_xml(format('select 1 from %I limit 1', tablename), false, false, ''))`,
  );

test('those that are taken at once are two', async () => {
  const [one, other] = await Promise.all([takeMigratedDatabase(), takeMigratedDatabase()]);
  expect(one.url).not.toBe(other.url);
  await Promise.all([one.giveBack(), other.giveBack()]);
});

test('whoever takes one finds all tables and no rows, whatever rows somebody has left', async () => {
  await inDatabase(async (url) => {
    await runOnPostgres(
      url,
      `insert into auth_users (id, roles, created_at) values ('ada', 'user', 0);
      insert into notes (user_id, id, change, text, created_at) values ('ada', '1', 1, 'mine', 0)`,
    );
    expect(await filledTables(url)).toHaveLength(2);
    expect(await emptyIfUnchanged(url, inject('migratedTemplate'))).toBe(true);
    expect(await filledTables(url)).toEqual([]);
  });
});

test.each([
  ['a table', 'create table mine (id bigint)'],
  ['a column', 'alter table auth_users add column mine bigint'],
  ['a default', `alter table auth_users alter column username set default 'me'`],
  ['an index', 'create index mine on auth_users (created_at)'],
  ['a trigger that is off', 'alter table auth_users disable trigger all'],
  ['a function', `create function mine() returns integer language sql as 'select 1'`],
  ['a schema', 'create schema mine'],
  ['a privilege', 'grant create on schema public to public'],
  ['a migration', `insert into auth_migration values ('999_mine', '')`],
  ['a setting', `do $$ begin execute format('alter database %I set work_mem = 64', current_database()); end $$`],
])('one in which somebody has left %s is made anew', async (_what, statement) => {
  await inDatabase(async (url) => {
    await runOnPostgres(url, statement);
    expect(await emptyIfUnchanged(url, inject('migratedTemplate'))).toBe(false);
  });
});
