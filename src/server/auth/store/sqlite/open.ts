import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import BetterSqlite from 'better-sqlite3';
import { Kysely, type SqliteDatabase, sql } from 'kysely';
import { migrate } from '../migrate.ts';
import { createOpening } from '../opening.ts';
import { restartableFeed } from '../restartable-feed.ts';
import { heardBy, type StatementListener } from '../statement-listener.ts';
import { DatabaseUnavailableError, type Store } from '../store.ts';
import type { AuthTables } from '../tables.ts';
import { retryWhileBusy } from './busy.ts';
import { createSqliteDialect } from './dialect.ts';
import { createSqliteFeed } from './feed.ts';
import { guardFile } from './file.ts';
import { cacheStatements } from './statement-cache.ts';

/** What SQLite takes for a store that keeps nothing. */
const MEMORY = ':memory:';

/**
 * How long a statement waits for another process, a shell command beside the server. better-sqlite3 is synchronous, so
 * this also stops the event loop: long enough for the write of a command, a few milliseconds, and short enough that no
 * request notices much.
 */
const BUSY_TIMEOUT_MS = 250;

const openFile = (path: string, timeout: number): BetterSqlite.Database => {
  // For its owner alone, unless it is there; then its permissions are left as they are.
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // Made by us and not by SQLite, for its permissions: the journal and shared memory files beside it take them over.
  closeSync(openSync(path, 'a', 0o600));
  const file = new BetterSqlite(path, { timeout });
  try {
    file.pragma('journal_mode = WAL');
    // Every commit is on the disk before it is answered: a rotation that a power cut takes back looks like theft.
    file.pragma('synchronous = FULL');
    file.pragma('foreign_keys = ON');
    return file;
  } catch (error) {
    file.close();
    throw error;
  }
};

/** What statements of ours say to the triggers of Postgres, of which there are none here: see `announced`. */
const defineFunctions = (database: BetterSqlite.Database): BetterSqlite.Database =>
  database.function('auth_announced', { deterministic: true }, () => 1);

const openMemory = (): BetterSqlite.Database => {
  const memory = new BetterSqlite(MEMORY);
  memory.pragma('foreign_keys = ON');
  return memory;
};

export interface SqliteOptions {
  /** How long a statement waits for another process, in milliseconds. The wait stops the event loop. @default 250 */
  busyTimeoutMs?: number | undefined;
  /** Called once each time the open file turns out to be no longer the one at its path. */
  onFileLost?: ((error: Error) => void) | undefined;
  onStatement?: StatementListener | undefined;
}

/**
 * A store in a SQLite file, which is made with its directory when it is not there, with the one connection that SQLite
 * has use for. Other processes may open it too; whether a second server may is for the app to say.
 *
 * @param path of the file, or `:memory:` to keep nothing.
 * @example
 * createAuth({ database: sqlite('app.sqlite'), features: [passwords()], ...options });
 */
export const sqlite = (
  path: string,
  { busyTimeoutMs = BUSY_TIMEOUT_MS, onFileLost = () => undefined, onStatement }: SqliteOptions = {},
): Store => {
  const openGuarded = async (): Promise<SqliteDatabase> => {
    if (path === MEMORY) return cacheStatements(defineFunctions(openMemory()));
    try {
      // Two processes that turn on WAL at the same moment do not wait for each other.
      const file = await retryWhileBusy(() => openFile(path, busyTimeoutMs), { sleep, attempts: 100 });
      defineFunctions(file);
      return cacheStatements(guardFile(file, { path, isInTransaction: () => file.inTransaction, onLost: onFileLost }));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new DatabaseUnavailableError(`The SQLite database in ${dirname(path)} cannot be opened: ${reason}`, {
        cause: error,
      });
    }
  };

  // Kysely opens it at the first statement, and tries again at the next one when it could not.
  const db = new Kysely<unknown>({ dialect: createSqliteDialect(openGuarded), ...heardBy(onStatement) });
  const ping = async (): Promise<void> => {
    await sql`select 1`.execute(db);
  };
  const withUnboundedConnection: Store['withUnboundedConnection'] = (work) => retryWhileBusy(() => work(db), { sleep });

  return {
    dialect: 'sqlite',
    db,
    ...createOpening({ ping, destroy: () => db.destroy() }),
    migrate: (sets) => withUnboundedConnection(() => migrate(db, sets)),
    createFeed: () => restartableFeed(() => createSqliteFeed({ database: db.withTables<AuthTables>() })),
    listen: () => undefined,
    ping,
    withUnboundedConnection,
  };
};
