import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestSecret } from './auth.ts';
import { startPostgres } from './postgres.ts';

export interface ProcessStore {
  /** What a server process needs to be started on it, again and again. */
  variables: Record<string, string>;
  remove(): Promise<void>;
}

const withSecrets = (variables: Record<string, string>): Record<string, string> => ({
  ...variables,
  HOST: '127.0.0.1',
  PUBLIC_URL: 'http://localhost',
  ACCESS_TOKEN_SECRET: createTestSecret(),
  REFRESH_TOKEN_SECRET: createTestSecret(),
  DATA_SECRET: createTestSecret(),
  RATE_LIMIT: 'off',
  // As short as it can be, so that most refreshes rotate.
  REFRESH_LEEWAY: '1',
});

const openSqlite = async (): Promise<ProcessStore> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'latchkey-faults-'));
  const remove = async () => rmSync(dataDir, { recursive: true, force: true });
  return await Promise.resolve({ variables: withSecrets({ DATA_DIR: dataDir }), remove });
};

const openPostgres = async (): Promise<ProcessStore> => {
  const postgres = await startPostgres({ fsync: true });
  return { variables: withSecrets({ DATABASE_URL: postgres.url, DATA_DIR: 'memory:' }), remove: postgres.stop };
};

/** Both stores as production has them, each commit on the disk, for server processes. */
export const processStores: readonly { store: string; open: () => Promise<ProcessStore> }[] = [
  { store: 'SQLite', open: openSqlite },
  { store: 'Postgres', open: openPostgres },
];
