import { join } from 'node:path';
import type { Database, StatementListener } from '#server/auth/index.ts';
import { openPostgres } from '#server/auth/postgres.ts';
import { openSqlite } from '#server/auth/sqlite.ts';
import { isMemoryDataDir } from './data-dir.ts';

const SQLITE_FILE = 'latchkey.sqlite';

export interface OpenDatabaseOptions {
  /** `postgres://...`. Unset: SQLite in `dataDir`. */
  databaseUrl?: string | undefined;
  /** A directory, or `memory:` to keep nothing. */
  dataDir: string;
  /** The most Postgres connections. SQLite has one. */
  poolSize: number;
  /** Told of Postgres connections that were lost while nobody used them. */
  onConnectionError?: ((error: Error) => void) | undefined;
  /** Told, once each time, that SQLite's file was removed, moved or replaced under the process. Until it is back nothing is answered. */
  onFileLost?: ((error: Error) => void) | undefined;
  /**
   * How long a SQLite statement waits for another process, in milliseconds. Default 250, for a server: the wait stops its event loop.
   */
  busyTimeout?: number | undefined;
  onStatement?: StatementListener | undefined;
}

/**
 * Opens the store. It makes no tables: see `migrate`.
 *
 * @throws DatabaseUnavailableError when it cannot be opened or does not answer.
 */
export const openDatabase = ({
  databaseUrl,
  dataDir,
  poolSize,
  onConnectionError,
  onFileLost,
  busyTimeout,
  onStatement,
}: OpenDatabaseOptions): Promise<Database> =>
  databaseUrl === undefined
    ? openSqlite(isMemoryDataDir(dataDir) ? ':memory:' : join(dataDir, SQLITE_FILE), {
        busyTimeout,
        onFileLost,
        onStatement,
      })
    : openPostgres({ databaseUrl, poolSize, onConnectionError, onStatement });
