import { resolve } from 'node:path';
import { postgresAddress } from 'latchkey/postgres';
import type { StoreConfig } from './config/config.ts';
import { isMemoryDataDir } from './database/index.ts';

/**
 * Which store a server uses and where, for the person who starts it: a DATABASE_URL that got lost would be seen here.
 * Without user and password.
 */
export const describeStore = ({ databaseUrl, databaseSchema, dataDir }: StoreConfig): string => {
  if (databaseUrl !== undefined) {
    const { host, port, database } = postgresAddress(databaseUrl);
    const where = host.startsWith('/') ? host : `${host}:${port}`;
    const schema = databaseSchema === 'public' ? [] : [`schema ${databaseSchema}`];
    return [`Postgres at ${where}`, ...(database ? [`database ${database}`] : []), ...schema].join(', ');
  }
  return isMemoryDataDir(dataDir) ? 'SQLite in memory, which keeps nothing' : `SQLite in ${resolve(dataDir)}`;
};
