import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import type pg from 'pg';
import { DatabaseUnavailableError } from '../store.ts';
import { createStatementNames, nameless, type StatementNames } from './statement-names.ts';

/** The message of pg's `query_timeout`. It has no code of its own. */
const ANSWER_TIMEOUT_MESSAGE = 'Query read timeout';

const isAnswerTimeout = (error: unknown): error is Error =>
  error instanceof Error && error.message === ANSWER_TIMEOUT_MESSAGE;

const READ_ONLY_SQL_TRANSACTION = '25006';

/**
 * Postgres answers, and cannot be written to. It carries the code of a statement that Postgres itself refuses for that.
 */
export class NotWritableError extends Error {
  override name = 'NotWritableError';
  readonly code = READ_ONLY_SQL_TRANSACTION;
}

const isReadOnly = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && error.code === READ_ONLY_SQL_TRANSACTION;

/** @param nameOf names what is prepared. */
const wrapClient = (client: pg.PoolClient, nameOf: StatementNames): PostgresPoolClient => {
  let timedOut: Error | undefined;
  let readOnly: Error | undefined;

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
        if (isReadOnly(error)) readOnly = error;
        throw error;
      });
  }
  return { query, release: () => client.release(timedOut ?? readOnly) };
};

/** What is known of a connection from its first statement. */
interface Connection {
  names: StatementNames;
  /** Names the server at its other end, until that is started anew. */
  node: string;
}

interface Introduction {
  pid: number;
  /** Whether names without a schema are looked up in ours. */
  in_schema: boolean;
  node: string;
  standby: boolean;
}

/**
 * Whether this connection is one to the database itself, and no pooler's that hands each transaction to whichever
 * connection is free: there a prepared statement would be missing the next time. A pooler gives its clients a process
 * id that is none of the database.
 */
const isDirect = (client: pg.PoolClient, backendPid: number): boolean =>
  Reflect.get(client, 'processID') === backendPid;

/**
 * A role or a database may end sessions that are idle: the connection that listens is, and so are those that wait in a
 * pool. Postgres has the setting since its version 14, and nobody may set one that it does not know.
 */
export const STAY_WHEN_IDLE = `select set_config(name, '0', false) from pg_settings where name = 'idle_session_timeout'`;

/**
 * Sent once by each new connection. The search path is set on a connection to the database itself alone, $2 being the
 * process that it says it leads to: a pooler would set it for the next client.
 */
const INTRODUCE = `select set_config('statement_timeout', $1, false), (${STAY_WHEN_IDLE}), pg_backend_pid() as pid,
  case when pg_backend_pid() = $2::int then set_config('search_path', quote_ident($3), false) is not null
    else current_schema() = $3 end as in_schema,
  pg_is_in_recovery() as standby, extract(epoch from pg_postmaster_start_time())::text as node`;

export interface ConnectionSettings {
  /** 0 is none. */
  statementTimeoutMs: number;
  schema: string;
}

/**
 * What Kysely needs of a pool, in front of pg's, with what a database asks for that may hang, and that others may take
 * over from.
 *
 * Each new connection is given the server's own statement timeout and the schema, by a statement: poolers like
 * PgBouncer refuse them as start-up parameters. One that shares its connections by transaction keeps no schema either,
 * and is refused unless its role has that schema already. On a connection to the database itself what is executed again
 * and again is prepared.
 *
 * A connection is dropped, and the next one goes where the name points by then,
 * - whose answer did not come in time: pg would hand it out again and again, and each caller would wait for the whole
 *   timeout behind a statement that nobody answers;
 * - that leads to a standby, as libpq has it with `target_session_attrs=primary`. Not even to read: what it does not
 *   know yet, or never will, looks like a session that was never there;
 * - that refused to write;
 * - that leads to another server than the newest one: after a failover the old primary may live on, and half a pool on
 *   either of the two would be two databases.
 */
export const boundStatements = (pool: pg.Pool, { statementTimeoutMs, schema }: ConnectionSettings): PostgresPool => {
  const nameOf = createStatementNames();
  const known = new WeakMap<pg.PoolClient, Connection>();
  let newestNode: string | undefined;

  const setUp = async (client: pg.PoolClient): Promise<Connection> => {
    const { rows } = await client.query<Introduction>(INTRODUCE, [
      String(statementTimeoutMs),
      Reflect.get(client, 'processID'),
      schema,
    ]);
    const [introduction] = rows;
    if (introduction === undefined) throw new Error('Postgres did not introduce itself.');
    const { pid, node, standby, in_schema: isInSchema } = introduction;
    if (standby) throw new NotWritableError('Postgres is a standby here.');
    if (!isInSchema) {
      throw new DatabaseUnavailableError(
        `The database is behind a pooler, where the schema ${schema} cannot be chosen. Connect without it, or run: create schema if not exists ${schema}; alter role … set search_path = ${schema}`,
      );
    }
    newestNode = node;
    return { node, names: isDirect(client, pid) ? nameOf : nameless };
  };

  const introduce = async (client: pg.PoolClient): Promise<Connection> => {
    try {
      const connection = known.get(client) ?? (await setUp(client));
      known.set(client, connection);
      return connection;
    } catch (error) {
      client.release(true);
      throw error;
    }
  };

  const connect = async (): Promise<PostgresPoolClient> => {
    const client = await pool.connect();
    const { node, names } = await introduce(client);
    if (node === newestNode) return wrapClient(client, names);
    client.release(true);
    return await connect();
  };

  return { connect, end: () => pool.end() };
};
