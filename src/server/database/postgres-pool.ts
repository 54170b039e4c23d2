import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import type pg from 'pg';
import { createStatementNames, nameless, type StatementNames } from './statement-names.ts';

/** The message of pg's `query_timeout`. It has no code of its own. */
const ANSWER_TIMEOUT_MESSAGE = 'Query read timeout';

const isAnswerTimeout = (error: unknown): error is Error =>
  error instanceof Error && error.message === ANSWER_TIMEOUT_MESSAGE;

/** @param nameOf names what is prepared. */
const wrapClient = (client: pg.PoolClient, nameOf: StatementNames): PostgresPoolClient => {
  let timedOut: Error | undefined;

  function query<Row>(text: string, parameters: ReadonlyArray<unknown>): Promise<PostgresQueryResult<Row>>;
  function query<Row>(cursor: PostgresCursor<Row>): PostgresCursor<Row>;
  function query(text: unknown, parameters?: readonly unknown[]): unknown {
    if (typeof text !== 'string') throw new TypeError('Streaming needs a cursor, which this pool does not offer.');
    // What a transaction sends after it, its rollback first of all, must not hide what went wrong.
    if (timedOut !== undefined) return Promise.reject(timedOut);
    const name = nameOf(text);
    return client
      .query({ ...(name !== undefined && { name }), text, values: [...(parameters ?? [])] })
      .catch((error: unknown) => {
        if (isAnswerTimeout(error)) timedOut = error;
        throw error;
      });
  }
  return { query, release: () => client.release(timedOut) };
};

/**
 * Whether this connection is one to the database itself, and no pooler's that hands each transaction to whichever connection is free: there a
 * prepared statement would be missing the next time. A pooler gives its clients a process id that is none of the database.
 */
const isDirect = (client: pg.PoolClient, backendPid: number | undefined): boolean =>
  backendPid !== undefined && Reflect.get(client, 'processID') === backendPid;

/**
 * What Kysely needs of a pool, in front of pg's, with three things more.
 *
 * Each new connection is given the server's own statement timeout, by a statement: poolers like PgBouncer refuse it as a start-up parameter.
 * On a connection to the database itself what is executed again and again is prepared. And a connection whose answer did not come in time is
 * dropped: pg would hand it out again and again, and each caller would wait for the whole timeout behind a statement that nobody answers.
 */
export const boundStatements = (pool: pg.Pool, statementTimeoutMs: number): PostgresPool => {
  const nameOf = createStatementNames();
  const known = new WeakMap<pg.PoolClient, StatementNames>();

  const setUp = async (client: pg.PoolClient): Promise<StatementNames> => {
    const { rows } = await client.query<{ pid: number }>(
      `select set_config('statement_timeout', $1, false), pg_backend_pid() as pid`,
      [String(statementTimeoutMs)],
    );
    return isDirect(client, rows[0]?.pid) ? nameOf : nameless;
  };

  return {
    connect: async () => {
      const client = await pool.connect();
      try {
        const names = known.get(client) ?? (await setUp(client));
        known.set(client, names);
        return wrapClient(client, names);
      } catch (error) {
        client.release(true);
        throw error;
      }
    },
    end: () => pool.end(),
  };
};
