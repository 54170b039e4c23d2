import { join } from 'node:path';
import { postgres } from 'latchkey/postgres';
import type { StatementListener, Store } from 'latchkey/server';
import { sqlite } from 'latchkey/sqlite';
import { isMemoryDataDir } from './data-dir.ts';

const SQLITE_FILE = 'latchkey.sqlite';

export interface StoreOptions {
  /** `postgres://...`. Unset: SQLite in `dataDir`. */
  databaseUrl?: string | undefined;
  /** @default 'public' */
  databaseSchema?: string | undefined;
  /** A directory, or `memory:` to keep nothing. */
  dataDir: string;
  /** The most Postgres connections. SQLite has one. */
  poolSize: number;
  /** Called when an idle connection to Postgres was lost. */
  onConnectionError?: ((error: Error) => void) | undefined;
  /** Called when the feed of Postgres goes live or stops being live. */
  onFeedChange?: ((isLive: boolean) => void) | undefined;
  /**
   * Told, once each time, that SQLite's file was removed, moved or replaced under the process. Until it is back nothing
   * is answered.
   */
  onFileLost?: ((error: Error) => void) | undefined;
  /** How long a SQLite statement waits for another process, in milliseconds. */
  busyTimeoutMs?: number | undefined;
  /** How often the rows of Postgres are looked at for what a process left unannounced, in milliseconds. */
  lookIntervalMs?: number | undefined;
  onStatement?: StatementListener | undefined;
}

/** The store of the configuration. Nothing is opened yet. */
export const createStore = (options: StoreOptions): Store => {
  const { databaseUrl, databaseSchema = 'public', dataDir, poolSize, busyTimeoutMs } = options;
  const { onConnectionError, onFeedChange, onFileLost, onStatement, lookIntervalMs } = options;
  if (databaseUrl === undefined) {
    const path = isMemoryDataDir(dataDir) ? ':memory:' : join(dataDir, SQLITE_FILE);
    return sqlite(path, { busyTimeoutMs, onFileLost, onStatement });
  }
  return postgres({
    url: databaseUrl,
    schema: databaseSchema,
    pool: poolSize,
    onConnectionError,
    onFeedChange,
    onStatement,
    lookIntervalMs,
  });
};
