import { type DestinationStream, type Logger, pino } from 'pino';
import { redactSecrets } from './redact-secrets.ts';

export type Log = Logger;

export interface LogOptions {
  level: string;
  destination: DestinationStream;
}

interface SerializedError {
  type: string;
  message: string;
  code?: string;
  stack?: string;
  cause?: SerializedError;
}

/**
 * Of an error only what its author wrote: pino's own serializer copies every property, and libraries hang requests, bodies, rows and
 * parameters on theirs.
 */
const serializeError = (error: unknown, depth = 0): SerializedError => {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  return {
    type: error.name,
    message: error.message,
    ...('code' in error && typeof error.code === 'string' && { code: error.code }),
    ...(error.stack !== undefined && { stack: error.stack }),
    ...(error.cause !== undefined && depth < 3 && { cause: serializeError(error.cause, depth + 1) }),
  };
};

/** A log of JSON lines. The last of several guards blots out whatever in a line looks like a token or a password in an address, wherever it stands. */
export const createLog = ({ level, destination }: LogOptions): Log =>
  pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: (error: unknown) => serializeError(error) },
      hooks: { streamWrite: redactSecrets },
    },
    destination,
  );
