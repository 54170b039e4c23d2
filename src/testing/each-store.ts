import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dialect, Store } from 'latchkey/server';
import { createStore, type StoreOptions } from '#server/database/index.ts';
import { createTestDatabase } from './test-database.ts';

export interface TestStore {
  /** Where it is, for `createStore`: made twice, it is one store seen by two processes. */
  location: StoreOptions;
  database: Store;
  /** Closes it and removes all traces. */
  remove(): Promise<void>;
}

const openSqlite = async (): Promise<TestStore> => {
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

export const openPostgres = async (options: Pick<StoreOptions, 'lookIntervalMs'> = {}): Promise<TestStore> => {
  const { url, drop } = await createTestDatabase();
  const location = { ...options, databaseUrl: url, dataDir: 'memory:', poolSize: 5 };
  const database = createStore(location);
  await database.open();
  return {
    location,
    database,
    remove: async () => {
      await database.close();
      await drop();
    },
  };
};

/**
 * Both stores, for `describe.each(eachStore)('... on $dialect', ({ open }) => ...)`: what holds on one holds on the
 * other.
 */
export const eachStore: readonly {
  dialect: Dialect;
  open: (options?: Pick<StoreOptions, 'lookIntervalMs'>) => Promise<TestStore>;
}[] = [
  { dialect: 'sqlite', open: openSqlite },
  { dialect: 'postgres', open: openPostgres },
];
