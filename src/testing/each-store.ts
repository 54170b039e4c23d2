import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Dialect, Store } from 'latchkey/server';
import { createStore, type StoreOptions } from '#server/database/index.ts';
import { takeMigratedDatabase } from './migrated-database.ts';
import { createTestDatabase } from './test-database.ts';

export interface TestStore {
  /** Where it is, for `createStore`: made twice, it is one store seen by two processes. */
  location: StoreOptions;
  database: Store;
  /** Closes it, and removes it or gives it back to be emptied. */
  remove(): Promise<void>;
}

export interface EachStore {
  dialect: Dialect;
  open: (options?: Pick<StoreOptions, 'lookIntervalMs'>) => Promise<TestStore>;
}

const openEmptySqlite = async (): Promise<TestStore> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'latchkey-test-'));
  const location = { dataDir, poolSize: 1 };
  const database = createStore(location);
  await database.open();
  return {
    location,
    database,
    remove: async () => {
      await database.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
};

/** Without waiting for the disk, which is most of what a commit takes: no test outlives a power cut. */
const openSqlite = async (): Promise<TestStore> => {
  const store = await openEmptySqlite();
  await sql`pragma synchronous = off`.execute(store.database.db);
  return store;
};

const openOn = async (
  { url, remove }: { url: string; remove: () => Promise<void> },
  options: Pick<StoreOptions, 'lookIntervalMs'>,
): Promise<TestStore> => {
  const location = { ...options, databaseUrl: url, dataDir: 'memory:', poolSize: 5 };
  const database = createStore(location);
  await database.open();
  return {
    location,
    database,
    remove: async () => {
      await database.close();
      await remove();
    },
  };
};

/** A Postgres with all tables and no rows. */
const openPostgres = async (options: Pick<StoreOptions, 'lookIntervalMs'> = {}): Promise<TestStore> => {
  const { url, giveBack } = await takeMigratedDatabase();
  return await openOn({ url, remove: giveBack }, options);
};

/** A Postgres with nothing in it, for a test that looks at its tables or changes them. */
export const openEmptyPostgres = async (options: Pick<StoreOptions, 'lookIntervalMs'> = {}): Promise<TestStore> => {
  const { url, drop } = await createTestDatabase();
  return await openOn({ url, remove: drop }, options);
};

/**
 * Both stores, for `describe.each(eachStore)('... on $dialect', ({ open }) => ...)`: what holds on one holds on the
 * other. Postgres has all tables from the start, for making them takes longer than most tests.
 */
export const eachStore: readonly EachStore[] = [
  { dialect: 'sqlite', open: openSqlite },
  { dialect: 'postgres', open: openPostgres },
];

/** Both stores as production has them, before the first migration. */
export const eachEmptyStore: readonly EachStore[] = [
  { dialect: 'sqlite', open: openEmptySqlite },
  { dialect: 'postgres', open: openEmptyPostgres },
];
