/**
 * Postgres's classes of errors that say nothing about the call: connection, its credentials and its database, resources, operator
 * intervention, system (appendix A).
 */
const POSTGRES_UNAVAILABLE = /^(?:08|28|3D|53|57|58|XX)/;
/** Transaction roll-backs that a later try may survive. */
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

const hasCode = (error: Error): error is Error & { code: string } => 'code' in error && typeof error.code === 'string';

/** Whether an error means that the store cannot be asked right now, as against that the question was wrong. */
export const isStoreUnavailable = (error: unknown): boolean => {
  if (error instanceof AggregateError) return error.errors.some(isStoreUnavailable);
  if (!(error instanceof Error)) return false;
  if (!hasCode(error)) return PG_WITHOUT_CODE.test(error.message);
  const { code } = error;
  return (
    POSTGRES_UNAVAILABLE.test(code) ||
    POSTGRES_TRY_AGAIN.has(code) ||
    SQLITE_UNAVAILABLE.test(code) ||
    NETWORK.has(code)
  );
};
