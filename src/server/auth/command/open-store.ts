import { join } from 'node:path';
import type { Env } from '../env/read-variables.ts';
import { isSchemaName, SCHEMA_NAME } from '../store/postgres/schema.ts';
import type { Store } from '../store/store.ts';
import { RefusedError } from './usage.ts';

/** A command has time: it waits for its turn while a server writes. */
const BUSY_TIMEOUT_MS = 30_000;

const SQLITE_FILE = 'latchkey.sqlite';

/** As a data directory, or as the file itself. */
const MEMORY = /^:?memory:$/;

const POSTGRES = /^postgres(?:ql)?:|^socket:/i;

export interface StoreLocation {
  /** Of the command line: a file, or the address of a Postgres database. It wins over the variables. */
  database?: string | undefined;
  /** On Postgres, where DATABASE_SCHEMA does not say it. @default 'latchkey' */
  defaultSchema?: string | undefined;
  /** Where the SQLite file is, where nothing says it. @default none: the command is refused */
  defaultDataDir?: string | undefined;
}

const openPostgres = async (url: string, schema: string, name: string): Promise<Store> => {
  const [{ postgres }, { postgresUrlProblem }] = await Promise.all([
    import('../store/postgres/open.ts'),
    import('../store/postgres/url.ts'),
  ]);
  const problem = postgresUrlProblem(url);
  if (problem !== undefined) throw new RefusedError(`${name} ${problem}.`);
  return postgres({ url, schema, pool: 1 });
};

const openSqlite = async (path: string): Promise<Store> => {
  const { sqlite } = await import('../store/sqlite/open.ts');
  return sqlite(path, { busyTimeoutMs: BUSY_TIMEOUT_MS });
};

const isSet = (value: string | undefined): value is string => value !== undefined && value !== '';

/**
 * The store that a command is to work with. Its driver is loaded for it alone.
 *
 * @throws RefusedError when it is named wrongly, or out of reach.
 */
export const openStore = async (
  env: Env,
  { database, defaultSchema = 'latchkey', defaultDataDir }: StoreLocation,
): Promise<Store> => {
  const [url, dataDir, named] = [env.DATABASE_URL?.trim(), env.DATA_DIR?.trim(), env.DATABASE_SCHEMA?.trim()];
  const schema = isSet(named) ? named : defaultSchema;
  if (!isSchemaName(schema)) throw new RefusedError(`DATABASE_SCHEMA ${SCHEMA_NAME}.`);

  if (isSet(database)) {
    if (POSTGRES.test(database)) return await openPostgres(database, schema, '--database');
    if (MEMORY.test(database)) throw new RefusedError('--database is memory, which no command can reach.');
    return await openSqlite(database);
  }
  if (isSet(url)) return await openPostgres(url, schema, 'DATABASE_URL');
  const folder = isSet(dataDir) ? dataDir : defaultDataDir;
  // A guess would make an empty store, and then say of it that it has no accounts.
  if (folder === undefined) {
    throw new RefusedError('Where is the store? Set DATABASE_URL or DATA_DIR, or begin with --database <file or url>.');
  }
  if (MEMORY.test(folder)) {
    throw new RefusedError('DATA_DIR is memory: its accounts are within the server, out of reach of any command.');
  }
  return await openSqlite(join(folder, SQLITE_FILE));
};
