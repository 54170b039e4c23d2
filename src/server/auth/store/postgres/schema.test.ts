import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createTestAuth, createTestKeys, elsewhere } from '#testing/auth.ts';
import { runOnPostgres } from '#testing/run-on-postgres.ts';
import { createTestDatabase } from '#testing/test-database.ts';
import { reasonOf } from '../../refusal.ts';
import type { Store } from '../store.ts';
import { postgres } from './open.ts';

let url: string;
const cleanUps: (() => unknown)[] = [];
beforeEach(async () => {
  const database = await createTestDatabase();
  url = database.url;
  cleanUps.push(database.drop);
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

const startOn = async (schema: string, keys = createTestKeys()) => {
  const database = postgres({ url, schema });
  cleanUps.push(() => database.close());
  const kit = await createTestAuth({ database }, keys);
  cleanUps.push(() => kit.stop());
  return kit;
};

/** Somebody with psql, who looks names up where everybody does. */
const runByHand = (statement: string) => runOnPostgres(url, statement);

const schemasOf = (what: string) => runByHand(what).then((rows) => rows.map(({ name }) => name));

const refusal = (call: Promise<unknown>) => call.then(() => 'let through', reasonOf);

test('everything is in a schema of its own, which the migrations make: tables, functions and what has run', async () => {
  const store: Store = postgres(url);
  cleanUps.push(() => store.close());
  const kit = await createTestAuth({ database: store });
  cleanUps.push(() => kit.stop());
  await kit.openBrowser().register('ada');
  const relations = `select distinct nspname as name from pg_class c join pg_namespace n on n.oid = relnamespace
    where relname like 'auth%'`;
  const functions = `select distinct nspname as name from pg_proc p join pg_namespace n on n.oid = pronamespace
    where proname like 'auth%'`;
  expect(await schemasOf(relations)).toEqual(['latchkey']);
  expect(await schemasOf(functions)).toEqual(['latchkey']);
  expect((await sql`select count(*) as many from auth_migration`.execute(store.db)).rows).toEqual([{ many: 1 }]);
});

test('two apps in one database are two stores, and neither hears what ends in the other', async () => {
  const keys = createTestKeys();
  const [one, other] = [await startOn('one', keys), await startOn('other', keys)];
  const heard: string[] = [];
  other.services.revocations.onNotice(({ kind }) => heard.push(kind));
  const second = await startOn('one', keys);
  const browser = one.openBrowser();
  await browser.register('ada');
  await other.openBrowser().register('ada');
  const there = elsewhere(second, browser);
  await there.call().auth.claims();

  await browser.call().auth.logout();
  await vi.waitFor(async () => expect(await refusal(there.call().auth.claims())).toBe('session_revoked'));
  // Notices come in the order of their commits: once this one is here, that of the logout would be.
  await runByHand(`update other.auth_users set ver = ver + 1`);
  await vi.waitFor(() => expect(heard).toContain('user'));
  expect(heard).toEqual(['user']);
});

test('what is written by hand is heard, whatever the search path of who writes it', async () => {
  const kit = await startOn('people');
  const browser = kit.openBrowser();
  await browser.register('ada');
  const { id } = await browser.call().user.me();
  await runByHand(`update people.auth_users set roles = 'user,admin'`);
  await vi.waitFor(async () => expect(await refusal(browser.call().auth.claims())).toBe('access_token_stale'));
  await runByHand(`delete from people.auth_users where id = '${id}'`);
  expect(await runByHand("select distinct kind, name from people.auth_removals where kind = 'user'")).toEqual([
    { kind: 'user', name: id },
  ]);
});
