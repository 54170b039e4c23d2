import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import type pg from 'pg';

/** The message of pg's `query_timeout`. It has no code of its own. */
const ANSWER_TIMEOUT_MESSAGE = 'Query read timeout';

const isAnswerTimeout = (error: unknown): error is Error =>
  error instanceof Error && error.message === ANSWER_TIMEOUT_MESSAGE;

const wrapClient = (client: pg.PoolClient): PostgresPoolClient => {
  let timedOut: Error | undefined;

  function query<Row>(text: string, parameters: ReadonlyArray<unknown>): Promise<PostgresQueryResult<Row>>;
  function query<Row>(cursor: PostgresCursor<Row>): PostgresCursor<Row>;
  function query(text: unknown, parameters?: readonly unknown[]): unknown {
    if (typeof text !== 'string') throw new TypeError('Streaming needs a cursor, which this pool does not offer.');
    // What a transaction sends after it, its rollback first of all, must not hide what went wrong.
    if (timedOut !== undefined) return Promise.reject(timedOut);
    return client.query(text, parameters === undefined ? undefined : [...parameters]).catch((error: unknown) => {
      if (isAnswerTimeout(error)) timedOut = error;
      throw error;
    });
  }
  return { query, release: () => client.release(timedOut) };
};

/**
 * What Kysely needs of a pool, in front of pg's, with two things more.
 *
 * Each new connection is given the server's own statement timeout, by a statement: poolers like PgBouncer refuse it as a start-up parameter.
 * And a connection whose answer did not come in time is dropped: pg would hand it out again and again, and each caller would wait
 * for the whole timeout behind a statement that nobody answers.
 */
export const boundStatements = (pool: pg.Pool, statementTimeoutMs: number): PostgresPool => {
  const bounded = new WeakSet<pg.PoolClient>();
  return {
    connect: async () => {
      const client = await pool.connect();
      if (!bounded.has(client)) {
        try {
          await client.query(`set statement_timeout = ${statementTimeoutMs}`);
        } catch (error) {
          client.release(true);
          throw error;
        }
        bounded.add(client);
      }
      return wrapClient(client);
    },
    end: () => pool.end(),
  };
};
