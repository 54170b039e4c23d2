import type { CompiledQuery } from 'kysely';
import { authMigrationSets } from 'latchkey/server';
import { passwords } from 'latchkey/server/passwords';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { reasonOf } from '#server/auth/refusal.ts';
import { noteMigrations } from '#server/notes/index.ts';
import { createTestAuth, createTestKeys, elsewhere } from './auth.ts';
import { runEachStatement } from './each-statement.ts';
import { tablesRead } from './explain.ts';
import { openEmptyRecordedPostgres, type RecordedStore } from './recorded-store.ts';
import { partitionOf, spreadByUser } from './spread-by-user.ts';

let store: RecordedStore;
beforeEach(async () => {
  store = await openEmptyRecordedPostgres();
  await store.database.migrate([
    ...authMigrationSets('postgres', [passwords()]),
    { name: 'app', migrations: noteMigrations('postgres') },
  ]);
  await spreadByUser(store.database.db);
});
afterEach(() => store.remove());

const partitionsRead = async (statement: CompiledQuery): Promise<number> => {
  const tables = [...(await tablesRead(store.database.db, statement))];
  return new Set(tables.flatMap((table) => partitionOf(table) ?? [])).size;
};

// What no user waits for: the catch-up of the revocation feed, once for each connection of it, and the purges.
const OF_ALL_USERS = [
  /^select "sid", "revoked_at", "revoked_cause" from "auth_sessions" where "revoked_at" > /,
  /^select "sid", "sver", "fresh_at" from "auth_sessions" where "sver" > 0 and "fresh_at" > /,
  /^select "sid" from "auth_sessions" where "sid" > /,
  /^delete from "auth_sessions" where "sid" > /,
  /^select "at" from "note_changes" where "at" < /,
  /^delete from "note_changes" where "at" < /,
];

describe('where the tables are spread by user,', () => {
  test('each statement for a user reads one partition, and the server works as it is', async () => {
    const heard = await store.record(() => runEachStatement(store));
    const statements = [...new Map(heard.map((one) => [one.sql, one])).values()];

    const partitions = new Map<string, number>();
    for (const statement of statements.filter(({ sql }) => /^(?:select|insert|update|delete|with)\b/.test(sql))) {
      partitions.set(statement.sql, await partitionsRead(statement));
    }
    const onMany = [...partitions.keys()].filter((sql) => (partitions.get(sql) ?? 0) > 1);
    expect(onMany.filter((sql) => !OF_ALL_USERS.some((known) => known.test(sql)))).toEqual([]);
    for (const known of OF_ALL_USERS) expect(onMany.some((sql) => known.test(sql))).toBe(true);
    expect([...partitions.values()].filter((count) => count === 1).length).toBeGreaterThan(15);
  });

  test('what one process revokes is refused by the other', async () => {
    const keys = createTestKeys();
    const [first, second] = [await createTestAuth(store, keys), await createTestAuth(store, keys)];
    const browser = first.openBrowser();
    await browser.register('ada');
    const there = elsewhere(second, browser);
    await there.call().auth.claims();

    await browser.call().auth.logout();
    await vi.waitFor(async () => {
      expect(await there.call().auth.claims().catch(reasonOf)).toBe('session_revoked');
    });
    await first.stop();
    await second.stop();
  });
});
