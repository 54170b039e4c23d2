import BetterSqlite from 'better-sqlite3';
import { CompiledQuery, type DatabaseConnection, type Kysely } from 'kysely';
import pg from 'pg';
import { vi } from 'vitest';
import { z } from 'zod/v4';
import type { TestStore } from './each-store.ts';

/**
 * `unsent`: the statement does not reach the store. `unanswered`: the store has carried it out, and its answer is lost;
 * there is no such thing with SQLite, which runs in the same process.
 */
export type Failure = 'unsent' | 'unanswered';

export interface FailingStatements {
  /** Makes the n-th statement from now on fail, counted from 1, `begin` and `commit` among them. */
  failAt(n: number, failure: Failure): void;
  /** From now on all goes well. Returns whether it came to the failure. */
  relent(): boolean;
}

const pidSchema = z.tuple([z.object({ pid: z.int() })]);
const PID = CompiledQuery.raw('select pg_backend_pid() as pid');

/** What feeds send by themselves, at times of their own. */
const OF_FEEDS = /pg_notify|data_version|"revoked_at" >|"ver_raised_at" >|"fresh_at" >|from "auth_removals"/;

const isConnection = (value: unknown): value is DatabaseConnection =>
  typeof value === 'object' && value !== null && 'executeQuery' in value;

/** What every connection of the store's dialect has in common. */
const connectionPrototype = (db: Kysely<unknown>): Promise<DatabaseConnection> =>
  db.getExecutor().provideConnection((connection) => {
    const prototype: unknown = Object.getPrototypeOf(connection);
    if (!isConnection(prototype)) throw new Error('A connection has no executeQuery of its class.');
    return Promise.resolve(prototype);
  });

const terminate = async (url: string, pid: number): Promise<void> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('select pg_terminate_backend($1, 10000)', [pid]);
  } finally {
    await client.end();
  }
};

/**
 * Lets single statements of a store fail for the rest of the test: on Postgres by killing their connection, on SQLite
 * as a disk does.
 */
export const failStatements = async ({ database, location }: TestStore): Promise<FailingStatements> => {
  let left = Number.POSITIVE_INFINITY;
  let failure: Failure = 'unsent';
  const prototype = await connectionPrototype(database.db);
  const { executeQuery } = prototype;

  const fail = async (connection: DatabaseConnection, query: CompiledQuery) => {
    if (location.databaseUrl === undefined) throw new BetterSqlite.SqliteError('disk I/O error', 'SQLITE_IOERR');
    const [{ pid }] = pidSchema.parse((await executeQuery.call(connection, PID)).rows);
    if (failure === 'unanswered') await executeQuery.call(connection, query);
    await terminate(location.databaseUrl, pid);
    return await executeQuery.call(connection, query);
  };

  vi.spyOn(prototype, 'executeQuery').mockImplementation(function (this: DatabaseConnection, query) {
    if (!OF_FEEDS.test(query.sql)) left -= 1;
    return left === 0 ? fail(this, query) : executeQuery.call(this, query);
  });

  return {
    failAt: (n, how) => {
      left = n;
      failure = how;
    },
    relent: () => {
      const hasFailed = left <= 0;
      left = Number.POSITIVE_INFINITY;
      return hasFailed;
    },
  };
};
