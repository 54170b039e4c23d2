import { type BigIntStats, statSync } from 'node:fs';
import type { SqliteDatabase, SqliteStatement } from 'kysely';

/** Carries the code of SQLite itself, which notices it in the journal modes other than WAL. */
export class SqliteFileLostError extends Error {
  override name = 'SqliteFileLostError';
  readonly code = 'SQLITE_READONLY_DBMOVED';
}

export interface GuardedFile {
  path: string;
  /** Whether a transaction is open on it. */
  isInTransaction: () => boolean;
  /** Called once each time the file turns out to be lost. */
  onLost: (error: SqliteFileLostError) => void;
}

const ONLY_READS = /^\s*(?:select|pragma)\b/i;

const whereIs = (path: string): BigIntStats | undefined => statSync(path, { bigint: true, throwIfNoEntry: false });

/**
 * Refuses every statement while the file that is open is no longer the one of its name: removed, moved away, or
 * replaced by a backup. Whatever is written to it then is gone with the process, and an answer that tells of it as kept
 * would be a lie. It is looked at before each statement or transaction, and once more after one that may have written,
 * before anybody is told so.
 *
 * A file that is overwritten in place stays the same file: nobody can tell.
 */
export const guardFile = (database: SqliteDatabase, { path, isInTransaction, onLost }: GuardedFile): SqliteDatabase => {
  const opened = whereIs(path);
  let isLost = false;

  const check = (): void => {
    if (isInTransaction()) return;
    const found = whereIs(path);
    if (found !== undefined && found.ino === opened?.ino && found.dev === opened.dev) {
      isLost = false;
      return;
    }
    const error = new SqliteFileLostError(
      found === undefined
        ? `The database is no longer at ${path}: it was removed or moved while it was in use.`
        : `Another file is at ${path}, where the database was: it was replaced while it was in use. Start the server anew.`,
    );
    if (!isLost) onLost(error);
    isLost = true;
    throw error;
  };

  const guardStatement = (statement: SqliteStatement, sql: string): SqliteStatement => {
    const onlyReads = ONLY_READS.test(sql);
    const guard = <TResult>(execute: () => TResult): TResult => {
      check();
      const result = execute();
      if (!onlyReads) check();
      return result;
    };
    return {
      reader: statement.reader,
      all: (parameters) => guard(() => statement.all(parameters)),
      run: (parameters) => guard(() => statement.run(parameters)),
      iterate: (parameters) => guard(() => statement.iterate(parameters)),
    };
  };

  return {
    prepare: (sql) => guardStatement(database.prepare(sql), sql),
    close: () => database.close(),
  };
};
