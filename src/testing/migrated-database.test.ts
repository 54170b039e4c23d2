import pg from 'pg';
import { expect, inject, test } from 'vitest';
import { takeMigratedDatabase } from './migrated-database.ts';

const ask = async (url: string, statement: string): Promise<unknown[]> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
};

/** What somebody who takes one after this finds. */
const findAfter = async (statement: string): Promise<unknown[]> => {
  const before = await takeMigratedDatabase();
  await ask(before.url, statement);
  await before.giveBack();
  const { url, giveBack } = await takeMigratedDatabase();
  const rows = await ask(url, inject('migratedTemplate').shapeQuery);
  const users = await ask(url, 'select id from auth_users union all select user_id from notes');
  await giveBack();
  return [...rows, ...users];
};

test('those that are taken at once are two', async () => {
  const [one, other] = await Promise.all([takeMigratedDatabase(), takeMigratedDatabase()]);
  expect(one.url).not.toBe(other.url);
  await Promise.all([one.giveBack(), other.giveBack()]);
});

test.each([
  [
    'rows',
    `insert into auth_users (id, roles, created_at) values ('ada', 'user', 0);
    insert into notes (user_id, id, change, text, created_at) values ('ada', '1', 1, 'mine', 0)`,
  ],
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
])('who takes one finds all tables and no rows, though somebody has left %s', async (_what, statement) => {
  expect(await findAfter(statement)).toEqual([{ shape: inject('migratedTemplate').shape }]);
});
