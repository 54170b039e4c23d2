import { CompiledQuery, type Kysely, sql } from 'kysely';
import { authMigrationSets } from 'latchkey/server';
import { audit } from 'latchkey/server/audit';
import { mail } from 'latchkey/server/mail';
import { passwords } from 'latchkey/server/passwords';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { noteMigrations } from '#server/notes/index.ts';
import { createTestClock } from './clock.ts';
import { runEachStatement } from './each-statement.ts';
import { explainOn, type Whole } from './explain.ts';
import { isHeavy } from './heavy.ts';
import { fillWithPeople } from './people.ts';
import { eachEmptyRecordedStore, type RecordedStore } from './recorded-store.ts';

const OUR_TABLES =
  /"(?:auth_(?:users|replaced_passwords|sessions|flows|limits|removals|events)|notes|note_counters|note_changes)"/;

/** Partial indexes that are short whatever the size of their tables: they hold administrators alone. */
const OF_FEW_ROWS = new Set(['auth_users_with_roles']);

describe.each(eachEmptyRecordedStore)(
  'on $dialect, no statement of the server reads a whole table,',
  ({ dialect, open }) => {
    let store: RecordedStore;
    const explain = explainOn[dialect];

    beforeEach(async () => {
      store = await open();
      await store.database.migrate([
        ...authMigrationSets(dialect, [passwords(), mail(), audit()]),
        { name: 'app', migrations: noteMigrations(dialect) },
      ]);
    });
    afterEach(() => store.remove());

    const recordAll = async (): Promise<CompiledQuery[]> => {
      const heard = await store.record(() => runEachStatement(store));
      const ours = heard.filter((one) => OUR_TABLES.test(one.sql));
      return [...new Map(ours.map((one) => [one.sql, one])).values()];
    };

    const explainAll = async (db: Kysely<unknown>, statements: readonly CompiledQuery[]) => {
      const found: (Whole & { sql: string })[] = [];
      for (const statement of statements) {
        for (const whole of await explain(db, statement)) found.push({ ...whole, sql: statement.sql });
      }
      return found;
    };

    test('of many rows', async () => {
      await fillWithPeople(store.database, { people: isHeavy ? 20_000 : 5_000, now: createTestClock().now() });
      const statements = await recordAll();
      expect(statements.length).toBeGreaterThan(45);
      const found = await explainAll(store.database.db, statements);
      expect(found.filter(({ index }) => index === undefined || !OF_FEW_ROWS.has(index))).toEqual([]);
    }, 90_000);

    test('of sessions that have ended, to list those that have not', async () => {
      const statements = await recordAll();
      const list = statements.find((one) =>
        /^select .* from "auth_sessions" where "user_id" = .* order by "created_at"/.test(one.sql),
      );
      const plan = await store.database.db.transaction().execute(async (transaction) => {
        if (dialect === 'postgres') await sql`set local enable_seqscan = off`.execute(transaction);
        const explained = `${dialect === 'postgres' ? 'explain' : 'explain query plan'} ${list?.sql}`;
        return transaction.executeQuery(CompiledQuery.raw(explained, [...(list?.parameters ?? [])]));
      });
      expect(JSON.stringify(plan.rows)).toContain('auth_sessions_standing');
    });

    // Postgres reads a table of a page or two from end to end, which is right. Told not to, it finds an index for
    // everything.
    test('of few rows, where the planner is told so', async () => {
      const statements = await recordAll();
      const found = await store.database.db.transaction().execute(async (transaction) => {
        if (dialect === 'postgres') await sql`set local enable_seqscan = off`.execute(transaction);
        return explainAll(transaction, statements);
      });
      expect(found.filter(({ table }) => table !== undefined)).toEqual([]);
    });
  },
);
