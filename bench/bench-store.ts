import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { passwords } from '../src/server/auth/features/passwords/index.ts';
import { authMigrationSets, type Dialect, type Store } from '../src/server/auth/index.ts';
import { createStore, type StoreOptions } from '../src/server/database/index.ts';
import { noteMigrations } from '../src/server/notes/index.ts';
import { startPostgres } from '../src/testing/postgres.ts';

type Statement = Parameters<NonNullable<StoreOptions['onStatement']>>[0];

/** A migrated store that syncs every commit to the disk, as in production. */
export interface BenchStore {
  database: Store;
  /** Where it is, for another process. */
  location: StoreOptions;
  /** What was executed since the last call. */
  takeStatements(): Statement[];
  /** Closes it and removes its files. */
  remove(): Promise<void>;
}

const place = async (dialect: Dialect): Promise<{ location: StoreOptions; clear: () => Promise<void> }> => {
  if (dialect === 'postgres') {
    const server = await startPostgres({ fsync: true });
    return { location: { databaseUrl: server.url, dataDir: 'memory:', poolSize: 10 }, clear: () => server.stop() };
  }
  const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-bench-'));
  return { location: { dataDir, poolSize: 1 }, clear: () => rm(dataDir, { recursive: true, force: true }) };
};

export const openBenchStore = async (dialect: Dialect): Promise<BenchStore> => {
  const { location, clear } = await place(dialect);
  let statements: Statement[] = [];
  const database = createStore({ ...location, onStatement: (one) => statements.push(one) });
  await database.migrate([
    ...authMigrationSets(dialect, [passwords()]),
    { name: 'app', migrations: noteMigrations(dialect) },
  ]);
  return {
    database,
    location,
    takeStatements: () => {
      const taken = statements;
      statements = [];
      return taken;
    },
    remove: async () => {
      await database.close();
      await clear();
    },
  };
};
