import { resolve } from 'node:path';
import { postgresAddress } from './auth/postgres.ts';
import type { StoreConfig } from './config/config.ts';
import { isMemoryDataDir } from './database/index.ts';

/** Which store a server uses and where, for whoever starts it: a DATABASE_URL that got lost would be seen here. Without user and password. */
export const describeStore = ({ databaseUrl, dataDir }: StoreConfig): string => {
  if (databaseUrl !== undefined) {
    const { host, port, database } = postgresAddress(databaseUrl);
    const where = host.startsWith('/') ? host : `${host}:${port}`;
    return database ? `Postgres at ${where}, database ${database}` : `Postgres at ${where}`;
  }
  return isMemoryDataDir(dataDir) ? 'SQLite in memory, which keeps nothing' : `SQLite in ${resolve(dataDir)}`;
};
