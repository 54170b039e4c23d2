import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { isSqliteBusy } from 'latchkey/sqlite';
import { explainDataDir, isMemoryDataDir, makeDataDir } from './data-dir.ts';

const LOCK_FILE = 'server.lock';
const PID_FILE = 'server.pid';

/**
 * A second server was started on the data directory of a running one. The message is one line for the person who did.
 */
export class ServerLockedError extends Error {
  override name = 'ServerLockedError';
}

export interface ServerLock {
  release(): void;
}

const holder = (dataDir: string): string => {
  try {
    const pid = readFileSync(join(dataDir, PID_FILE), 'utf8').trim();
    return /^\d+$/.test(pid) ? ` (process ${pid})` : '';
  } catch {
    return '';
  }
};

const lockFile = (dataDir: string): BetterSqlite.Database => {
  const path = join(dataDir, LOCK_FILE);
  closeSync(openSync(path, 'a', 0o600));
  const lock = new BetterSqlite(path, { timeout: 0 });
  try {
    // Nothing is ever written to it: with the journal in memory, nothing is left to recover after a crash either.
    lock.pragma('journal_mode = MEMORY');
    lock.exec('begin exclusive');
    return lock;
  } catch (error) {
    lock.close();
    if (!isSqliteBusy(error)) throw error;
    throw new ServerLockedError(
      `Another server${holder(dataDir)} runs on ${dataDir}. Stop it first, or give this one a DATA_DIR of its own.`,
    );
  }
};

const hold = (dataDir: string): ServerLock => {
  makeDataDir(dataDir);
  const lock = lockFile(dataDir);
  const pidPath = join(dataDir, PID_FILE);
  const release = (): void => {
    if (!lock.open) return;
    rmSync(pidPath, { force: true });
    lock.close();
  };
  try {
    writeFileSync(pidPath, `${process.pid}\n`, { mode: 0o600 });
    return { release };
  } catch (error) {
    release();
    throw error;
  }
};

/**
 * Takes the data directory for this server until it is released or the process ends, however it ends. Commands of the
 * shell do not take it, and use the database beside the server.
 *
 * The lock is one of the operating system's, which SQLite takes for us on every platform, and not the mere existence of
 * a file: it cannot be left behind by a crash, two servers that start at once cannot both take it over, and a process
 * id that another process has now, or that counts in another container, misleads nobody. The process id beside it is
 * for people.
 *
 * @throws ServerLockedError when another server holds it.
 * @throws DatabaseUnavailableError when the directory cannot be used.
 */
export const holdServerLock = (dataDir: string): ServerLock => {
  if (isMemoryDataDir(dataDir)) return { release: () => undefined };
  try {
    return hold(dataDir);
  } catch (error) {
    throw explainDataDir(error, dataDir);
  }
};
