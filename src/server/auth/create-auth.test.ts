import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Kysely, type Migration, sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTestKeys } from '#testing/auth.ts';
import { eachEmptyStore, type TestStore } from '#testing/each-store.ts';
import { createStore } from '../database/create-store.ts';
import { createAuth } from './create-auth.ts';
import { passwords } from './features/passwords/index.ts';
import { sqlite } from './sqlite.ts';
import type { MigrationSet, Store } from './store/store.ts';

const createOn = (database: Store, migrations: readonly MigrationSet[] = []) =>
  createAuth({ database, migrations, publicUrl: 'https://app.example', ...createTestKeys(), features: [passwords()] });

const createMembers: Migration = {
  up: (db: Kysely<unknown>) =>
    db.schema
      .createTable('members')
      .addColumn('id', 'text', (column) => column.primaryKey().references('auth_users.id'))
      .execute(),
};

describe.each(eachEmptyStore)('auth over $dialect', ({ open }) => {
  let store: TestStore;
  beforeEach(async () => {
    store = await open();
  });
  afterEach(() => store.remove());

  test('works for a cron: opens the store, purges all that is over, and is done', async () => {
    const database = createStore(store.location);
    const steps: string[] = [];
    const auth = createAuth({
      database,
      publicUrl: 'https://app.example',
      ...createTestKeys(),
      features: [],
      purges: {
        rows: async ({ after }) => {
          steps.push(after);
          return { purged: 1, next: after.length < 2 ? `${after}x` : undefined };
        },
      },
    });
    await auth.work();
    await auth.work();
    expect(steps).toEqual(['', 'x', 'xx', '', 'x', 'xx']);
    expect(auth.figures().purgedRows.get('rows')).toBe(6);
    await auth.stop();
    await expect(database.ping()).rejects.toThrow(/destroyed/);
  });

  test('opens the store, makes the tables of the core, of the features and of the app, and closes it at the end', async () => {
    const database = createStore(store.location);
    const auth = createOn(database, [{ name: 'app', migrations: { '001_members': createMembers } }]);
    await auth.start();
    expect(auth.isReady()).toBe(true);
    const tables = (await database.db.introspection.getTables()).map(({ name }) => name);
    expect(tables).toEqual(expect.arrayContaining(['auth_users', 'auth_passwords', 'members', 'app_migration']));
    await auth.stop();
    await expect(database.ping()).rejects.toThrow(/destroyed/);
  });

  test('leaves a store open that was open before', async () => {
    const auth = createOn(store.database);
    await auth.start();
    await auth.stop();
    expect((await sql`select * from auth_users`.execute(store.database.db)).rows).toEqual([]);
  });
});

test('a start that fails for want of the store can be retried', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-test-'));
  try {
    const taken = join(directory, 'data');
    writeFileSync(taken, 'no directory');
    const auth = createOn(sqlite(join(taken, 'app.sqlite')));
    await expect(auth.start()).rejects.toThrow(/^The SQLite database in .*data cannot be opened: /);
    rmSync(taken);
    await auth.start();
    expect(auth.isReady()).toBe(true);
    await auth.stop();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
