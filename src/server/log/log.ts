import { type DestinationStream, type Logger, pino } from 'pino';
import { boundText } from './bound-text.ts';
import { redactSecrets } from './redact-secrets.ts';

export type Log = Logger;

export interface LogOptions {
  level: string;
  destination: DestinationStream;
}

/**
 * What is written of one text, in bytes. Requests bring most of them: a log must grow by no more than a request is
 * worth.
 */
const MAX_TEXT = 256;
const MAX_MESSAGE = 1024;
const MAX_STACK = 4096;

interface SerializedError {
  type: string;
  message: string;
  code?: string;
  stack?: string;
  cause?: SerializedError;
}

/**
 * Of an error only what its author wrote: pino's own serializer copies every property, and libraries hang requests,
 * bodies, rows and parameters on theirs.
 */
const serializeError = (error: unknown, depth = 0): SerializedError => {
  if (!(error instanceof Error)) return { type: typeof error, message: boundText(String(error), MAX_MESSAGE) };
  return {
    type: boundText(error.name, MAX_TEXT),
    message: boundText(error.message, MAX_MESSAGE),
    ...('code' in error && typeof error.code === 'string' && { code: boundText(error.code, MAX_TEXT) }),
    ...(error.stack !== undefined && { stack: boundText(error.stack, MAX_STACK) }),
    ...(error.cause !== undefined && depth < 3 && { cause: serializeError(error.cause, depth + 1) }),
  };
};

const boundValue = (value: unknown): unknown => {
  if (typeof value === 'string') return boundText(value, MAX_TEXT);
  return Array.isArray(value) ? value.map(boundValue) : value;
};

/** Every text of a record, so that nobody has to think of it where one is logged. */
const boundRecord = (record: Record<string, unknown>): Record<string, unknown> => {
  const bounded: Record<string, unknown> = {};
  for (const key in record) bounded[key] = boundValue(record[key]);
  return bounded;
};

/**
 * A log of JSON lines. The last of several guards blots out whatever in a line looks like a token or a password in an
 * address, wherever it stands.
 */
export const createLog = ({ level, destination }: LogOptions): Log =>
  pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: boundRecord },
      serializers: { err: (error: unknown) => serializeError(error) },
      hooks: { streamWrite: redactSecrets },
    },
    destination,
  );
