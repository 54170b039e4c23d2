import { mkdirSync } from 'node:fs';
import { DatabaseUnavailableError } from 'latchkey/server';
import { codeOf } from '../error-code.ts';

/** The data directory that keeps nothing: everything lives in memory and ends with the process. */
const MEMORY_DATA_DIR = 'memory:';

export const isMemoryDataDir = (dataDir: string): boolean => dataDir === MEMORY_DATA_DIR;

/** Makes the directory, for its owner alone, unless it is there; then its permissions are left as they are. */
export const makeDataDir = (dataDir: string): void => {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
};

/** By the beginning of a code of the system or of SQLite. */
const SAYS = [
  [/^(?:ENOSPC|EDQUOT|SQLITE_FULL)/, 'there is no room on its disk'],
  [/^(?:EROFS|SQLITE_READONLY)/, 'its disk is read-only, or its files are'],
  [/^(?:EACCES|EPERM|SQLITE_(?:CANTOPEN|PERM|AUTH))/, 'this user may not write there'],
  [/^(?:ENOTDIR|EEXIST|ENOENT|EISDIR)/, 'there is no such directory, and it cannot be made'],
  [/^(?:EIO|SQLITE_IOERR)/, 'its disk fails'],
  [/^SQLITE_(?:NOTADB|CORRUPT)/, 'a file in it is damaged, or no database'],
] as const;

/**
 * What went wrong with the files of a data directory, as one line for the person who starts the server. Anything else
 * is a defect, and stays what it was.
 */
export const explainDataDir = (error: unknown, dataDir: string): unknown => {
  const code = codeOf(error) ?? '';
  const [, words] = SAYS.find(([codes]) => codes.test(code)) ?? [];
  if (words === undefined) return error;
  return new DatabaseUnavailableError(`The data directory ${dataDir} cannot be used: ${words} (${code}).`, {
    cause: error,
  });
};
