import { Kysely, type KyselyConfig, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { type Database, DatabaseUnavailableError } from '../database.ts';
import { heardBy, type StatementListener } from '../statement-listener.ts';
import { boundStatements, NotWritableError, STAY_WHEN_IDLE } from './pool.ts';
import { explainNoAnswer } from './url.ts';

const CONNECT_TIMEOUT_MS = 5_000;

/** No statement of the app comes near this: one that does waits for a lock, and its caller has long given up. */
const STATEMENT_TIMEOUT_MS = 10_000;

/** Later than the server's own timeout, for when no answer comes at all: the machine is gone, the connection half open. */
const ANSWER_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 2_000;

/**
 * How long a connection is believed to lead to the primary. A name that points elsewhere now is noticed by a new connection alone, where the
 * old primary lives on and answers as it always did.
 */
const CONNECTION_LIFE_SECONDS = 60;

const BIGINT_OID = pg.types.builtins.INT8;

/** `bigint` arrives as a number: all of ours are times, counters and sizes. For this pool alone, not for pg as a whole. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format): unknown =>
    oid === BIGINT_OID && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format),
};

export interface PostgresOptions {
  databaseUrl: string;
  poolSize: number;
  /** Told of connections that were lost while nobody used them. The pool replaces them by itself. */
  onConnectionError?: ((error: Error) => void) | undefined;
  /** @default 10_000 */
  statementTimeoutMs?: number;
  /** @default 12_000 */
  answerTimeoutMs?: number;
  /** In whole seconds. @default 60 */
  connectionLifeSeconds?: number;
  onStatement?: StatementListener | undefined;
}

interface PoolOptions {
  databaseUrl: string;
  size: number;
  statementTimeoutMs: number;
  answerTimeoutMs: number;
  connectionLifeSeconds: number;
  onConnectionError: (error: Error) => void;
}

const createPool = (options: PoolOptions): pg.Pool => {
  const { databaseUrl, size, answerTimeoutMs, connectionLifeSeconds, onConnectionError } = options;
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: size,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: 30_000,
    maxLifetimeSeconds: connectionLifeSeconds,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    query_timeout: answerTimeoutMs,
    application_name: 'latchkey',
    types,
  });
  // Without a listener a connection that drops between two statements of a transaction would end the process. The pool tells
  // of idle ones a second time, by an event that wants a listener as well.
  pool.on('connect', (client) => client.on('error', onConnectionError));
  pool.on('error', () => undefined);
  return pool;
};

/**
 * Opens a pool on a Postgres database and looks whether it answers. TLS is by the URL's `sslmode`.
 *
 * @throws DatabaseUnavailableError when it does not answer or cannot be written to, without the URL, which holds the password.
 */
export const openPostgres = async ({
  databaseUrl,
  poolSize,
  onConnectionError = () => undefined,
  statementTimeoutMs = STATEMENT_TIMEOUT_MS,
  answerTimeoutMs = ANSWER_TIMEOUT_MS,
  connectionLifeSeconds = CONNECTION_LIFE_SECONDS,
  onStatement,
}: PostgresOptions): Promise<Database> => {
  const open = (config: Pick<PoolOptions, 'size' | 'statementTimeoutMs' | 'answerTimeoutMs'>): Kysely<unknown> => {
    const pool = boundStatements(
      createPool({ databaseUrl, onConnectionError, connectionLifeSeconds, ...config }),
      config.statementTimeoutMs,
    );
    return new Kysely<unknown>({
      dialect: new PostgresDialect({ pool }),
      ...heardBy(onStatement),
    } satisfies KyselyConfig);
  };

  const db = open({ size: poolSize, statementTimeoutMs, answerTimeoutMs });
  const ping = async (): Promise<void> => {
    const { rows } = await sql<{ value: string }>`
      select current_setting('transaction_read_only') as value`.execute(db);
    if (rows[0]?.value !== 'off') throw new NotWritableError('Postgres is read-only.');
  };

  try {
    await ping();
  } catch (error) {
    await db.destroy();
    const problem =
      error instanceof NotWritableError
        ? `cannot be written to: ${error.message}`
        : `does not answer: ${explainNoAnswer(error, databaseUrl)}`;
    throw new DatabaseUnavailableError(`The database of DATABASE_URL ${problem}`, { cause: error });
  }

  let closed: Promise<void> | undefined;
  return {
    dialect: 'postgres',
    db,
    ping,
    withUnboundedConnection: async (work) => {
      // 0 is "none" to Postgres and to pg alike.
      const unbounded = open({ size: 1, statementTimeoutMs: 0, answerTimeoutMs: 0 });
      try {
        return await work(unbounded);
      } finally {
        await unbounded.destroy();
      }
    },
    close: () => {
      closed ??= db.destroy();
      return closed;
    },
  };
};

/** A connection outside of the pool that is not connected yet, for LISTEN: it stays open and mostly idle. */
export const createListeningClient = (databaseUrl: string): pg.Client => {
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    application_name: 'latchkey feed',
  });
  // In front of whatever is asked of it. If it fails, so does what comes next, which is heard of.
  client.once('connect', () => void client.query(STAY_WHEN_IDLE).catch(() => undefined));
  return client;
};
