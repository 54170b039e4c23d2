import type { DatabaseConnection, Kysely } from 'kysely';

/**
 * Postgres's classes of errors that say nothing about the call: connection, its credentials and its database,
 * resources, operator intervention, system (appendix A).
 */
const POSTGRES_UNAVAILABLE = /^(?:08|28|3D|53|57|58|XX)/;
/** Transaction roll-backs that a later attempt may survive. */
const POSTGRES_TRY_AGAIN = new Set(['40001', '40003', '40P01', '55P03', '25006', '25P03']);
const SQLITE_UNAVAILABLE = /^SQLITE_(?:BUSY|LOCKED|IOERR|FULL|CANTOPEN|READONLY|NOMEM|PROTOCOL)/;
const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOENT',
  'EADDRNOTAVAIL',
  'EMFILE',
  'ENFILE',
  'CERT_HAS_EXPIRED',
]);
/** pg raises these without a code. */
const PG_WITHOUT_CODE =
  /^(?:Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end)/;

/** The name of its class, of which one process may have two copies. */
const UNAVAILABLE = 'DatabaseUnavailableError';

const hasCode = (error: Error): error is Error & { code: string } => 'code' in error && typeof error.code === 'string';

/** Whether an error of a store means that it cannot be asked right now, as against that the question was wrong. */
export const meansUnavailable = (error: unknown): boolean => {
  if (error instanceof AggregateError) return error.errors.some(meansUnavailable);
  if (!(error instanceof Error)) return false;
  if (error.name === UNAVAILABLE) return true;
  if (!hasCode(error)) return PG_WITHOUT_CODE.test(error.message);
  const { code } = error;
  return (
    POSTGRES_UNAVAILABLE.test(code) ||
    POSTGRES_TRY_AGAIN.has(code) ||
    SQLITE_UNAVAILABLE.test(code) ||
    NETWORK.has(code)
  );
};

/**
 * On an error that came from a store of ours. Registered, since a bundler may give one process two copies of this
 * module.
 */
const FROM_STORE = Symbol.for('latchkey.storeError');
const MARKING = Symbol.for('latchkey.storeErrorsMarked');

const mark = (error: unknown): void => {
  if (error instanceof Error && Object.isExtensible(error)) Object.defineProperty(error, FROM_STORE, { value: true });
};

/** Whether the first to be asked, who then does it. */
const isFirst = (object: object): boolean =>
  !(MARKING in object) && Reflect.defineProperty(object, MARKING, { value: true });

const isConnection = (value: unknown): value is DatabaseConnection =>
  typeof value === 'object' && value !== null && 'executeQuery' in value;

const markErrorsOf = (connection: DatabaseConnection): DatabaseConnection => {
  if (!isFirst(connection)) return connection;
  const own = Object.hasOwn(connection, 'executeQuery') ? connection.executeQuery.bind(connection) : undefined;
  connection.executeQuery = async (query) => {
    try {
      if (own !== undefined) return await own(query);
      // Looked up at each call: a tracer may instrument the class later.
      const kind: unknown = Object.getPrototypeOf(connection);
      if (!isConnection(kind)) throw new TypeError('This connection cannot execute a query.');
      const execute = kind.executeQuery.bind(connection);
      return await execute(query);
    } catch (error) {
      mark(error);
      throw error;
    }
  };
  return connection;
};

/**
 * Has every error of this database say that it came from there, whatever part of the app asks it: an app's own services
 * are refused connections as well, and that says nothing of the store. What is thrown between two statements is not the
 * database's.
 */
export const markStoreErrors = <TTables>(database: Kysely<TTables>): void => {
  const executor = database.getExecutor();
  if (!isFirst(executor)) return;
  const provide = executor.provideConnection.bind(executor);
  executor.provideConnection = async (consumer) => {
    let isConnected = false;
    try {
      return await provide((connection) => {
        isConnected = true;
        return consumer(markErrorsOf(connection));
      });
    } catch (error) {
      if (!isConnected) mark(error);
      throw error;
    }
  };
};

/** Whether an error means that our own store cannot be asked right now. */
export const isStoreUnavailable = (error: unknown): boolean =>
  error instanceof Error && FROM_STORE in error && meansUnavailable(error);
