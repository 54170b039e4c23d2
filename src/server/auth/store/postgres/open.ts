import { Kysely, type KyselyConfig, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { migrate } from '../migrate.ts';
import { createOpening } from '../opening.ts';
import { restartableFeed } from '../restartable-feed.ts';
import type { Announce, RevocationFeed } from '../revocation-feed.ts';
import { heardBy, type StatementListener } from '../statement-listener.ts';
import { type ChannelListener, DatabaseUnavailableError, type Store } from '../store.ts';
import { createAnnouncer } from './announcer.ts';
import { createPostgresFeed, notifyOf } from './feed.ts';
import { createPostgresListener } from './listener.ts';
import { createListeningClient } from './listening-client.ts';
import { boundStatements, NotWritableError } from './pool.ts';
import { isSchemaName, SCHEMA_NAME } from './schema.ts';
import { ANSWER_TIMEOUT_MS, CONNECT_TIMEOUT_MS, STATEMENT_TIMEOUT_MS } from './timeouts.ts';
import { explainNoAnswer, postgresUrlProblem } from './url.ts';

/**
 * How long a connection is believed to lead to the primary. A name that points elsewhere now is noticed by a new
 * connection alone, where the old primary lives on and answers as it always did.
 */
const CONNECTION_LIFE_SECONDS = 60;

const DEFAULT_SCHEMA = 'latchkey';
const DEFAULT_POOL = 10;

const BIGINT_OID = pg.types.builtins.INT8;
const JSON_OID = pg.types.builtins.JSON;

/**
 * `bigint` arrives as a number: all of ours are times, counters and sizes. For this pool alone, not for pg as a whole,
 * where an app may have its own way with JSON.
 */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format): unknown => {
    if (oid === BIGINT_OID && format !== 'binary') return Number;
    return oid === JSON_OID && format !== 'binary' ? JSON.parse : pg.types.getTypeParser(oid, format);
  },
};

export interface PostgresOptions {
  /** `postgres://user:password@host:5432/name`. TLS is by its `sslmode`. */
  url: string;
  /** Holds all tables and functions, and is made by the migrations when it is not there. @default 'latchkey' */
  schema?: string | undefined;
  /** The most connections of this process, beside one that listens. @default 10 */
  pool?: number | undefined;
  /** Called when an idle connection was lost. The pool replaces them by itself. */
  onConnectionError?: ((error: Error) => void) | undefined;
  /** Called when the revocation feed goes live or stops being live. */
  onFeedChange?: ((isLive: boolean) => void) | undefined;
  /** @default 10_000 */
  statementTimeoutMs?: number;
  /** @default 12_000 */
  answerTimeoutMs?: number;
  /** In whole seconds. @default 60 */
  connectionLifeSeconds?: number;
  /** How often the rows are looked at for what a process left unannounced, in milliseconds. @default 5_000 */
  lookIntervalMs?: number | undefined;
  onStatement?: StatementListener | undefined;
}

interface PoolOptions {
  url: string;
  size: number;
  answerTimeoutMs: number;
  connectionLifeSeconds: number;
  onConnectionError: (error: Error) => void;
}

const createPool = (options: PoolOptions): pg.Pool => {
  const { url, size, answerTimeoutMs, connectionLifeSeconds, onConnectionError } = options;
  const pool = new pg.Pool({
    connectionString: url,
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
  // Without a listener a connection that drops between two statements of a transaction would end the process. The pool
  // tells of idle ones a second time, by an event that wants a listener as well.
  pool.on('connect', (client) => client.on('error', onConnectionError));
  pool.on('error', () => undefined);
  return pool;
};

const checkOptions = ({ url, schema, pool }: { url: string; schema: string; pool: number }): void => {
  const problem = postgresUrlProblem(url);
  if (problem !== undefined) throw new TypeError(`The URL of the database ${problem}.`);
  if (!isSchemaName(schema)) throw new TypeError(`The schema ${SCHEMA_NAME}.`);
  if (!Number.isInteger(pool) || pool < 1) throw new TypeError('The pool must be a whole number of connections.');
};

const explain = (error: unknown, url: string): Error => {
  if (error instanceof DatabaseUnavailableError) return error;
  const problem =
    error instanceof NotWritableError
      ? `cannot be written to: ${error.message}`
      : `does not answer: ${explainNoAnswer(error, url)}`;
  return new DatabaseUnavailableError(`The database of DATABASE_URL ${problem}`, { cause: error });
};

/**
 * A store in a schema of a Postgres database. Several servers may share it. No error holds a part of the URL, in which
 * the password is.
 *
 * @throws TypeError when the URL or the schema's name is invalid.
 * @example
 * createAuth({ database: postgres(process.env.DATABASE_URL), features: [passwords()], ...options });
 */
export const postgres = (urlOrOptions: string | PostgresOptions): Store => {
  const options = typeof urlOrOptions === 'string' ? { url: urlOrOptions } : urlOrOptions;
  const { url, schema = DEFAULT_SCHEMA, pool: size = DEFAULT_POOL, onStatement } = options;
  const { onConnectionError = () => undefined, connectionLifeSeconds = CONNECTION_LIFE_SECONDS } = options;
  const { statementTimeoutMs = STATEMENT_TIMEOUT_MS, answerTimeoutMs = ANSWER_TIMEOUT_MS } = options;
  checkOptions({ url, schema, pool: size });

  const connect = (bounds: { size: number; statementTimeoutMs: number; answerTimeoutMs: number }): Kysely<unknown> => {
    const pool = boundStatements(createPool({ url, onConnectionError, connectionLifeSeconds, ...bounds }), {
      schema,
      statementTimeoutMs: bounds.statementTimeoutMs,
    });
    return new Kysely<unknown>({
      dialect: new PostgresDialect({ pool }),
      ...heardBy(onStatement),
    } satisfies KyselyConfig);
  };

  const db = connect({ size, statementTimeoutMs, answerTimeoutMs });
  const ping = async (): Promise<void> => {
    const { rows } = await sql<{ value: string }>`
      select current_setting('transaction_read_only') as value`.execute(db);
    if (rows[0]?.value !== 'off') throw new NotWritableError('Postgres is read-only.');
  };
  const withUnboundedConnection: Store['withUnboundedConnection'] = async (work) => {
    // 0 is "none" to Postgres and to pg alike.
    const unbounded = connect({ size: 1, statementTimeoutMs: 0, answerTimeoutMs: 0 });
    try {
      return await work(unbounded);
    } finally {
      await unbounded.destroy();
    }
  };
  const channels = new Map<string, ChannelListener>();
  const createFeed = (announce: Announce): RevocationFeed => {
    const listener = createPostgresListener({
      database: db,
      connect: () => createListeningClient(url),
      ...(options.onFeedChange !== undefined && { onChange: options.onFeedChange }),
    });
    const feed = createPostgresFeed({ listener, announce, schema, lookIntervalMs: options.lookIntervalMs });
    return {
      ...feed,
      start: (revocations) => {
        for (const [channel, heard] of channels) listener.listen(channel, heard);
        return feed.start(revocations);
      },
    };
  };

  return {
    dialect: 'postgres',
    db,
    ...createOpening({ ping, destroy: () => db.destroy(), explain: (error) => explain(error, url) }),
    migrate: (sets) => withUnboundedConnection((unbounded) => migrate(unbounded, sets, { schema })),
    createFeed: () => {
      const announce = createAnnouncer(notifyOf(db, schema));
      return restartableFeed(() => createFeed(announce));
    },
    listen: (channel, listener) => void channels.set(channel, listener),
    ping,
    withUnboundedConnection,
  };
};
