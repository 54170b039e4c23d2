import { TRPCError } from '@trpc/server';
import { keepWords } from '../trpc/error-formatter.ts';

/** The largest body, in bytes: 100 kB. */
export const MAX_BODY_BYTES = 100_000;

/** A small compressed body may hold a large one. */
export const refuseCompressed = (contentEncoding: string | undefined): void => {
  if ((contentEncoding ?? 'identity').toLowerCase() === 'identity') return;
  const message = 'Send the body as it is, not compressed.';
  throw keepWords(new TRPCError({ code: 'UNSUPPORTED_MEDIA_TYPE', message }));
};

/** Collects the parts of a body, as long as they are not too many. */
export interface Collector {
  /** False when more has come than is read of any body. */
  take(part: Uint8Array): boolean;
  /** @throws TRPCError `PAYLOAD_TOO_LARGE` */
  whole(): Uint8Array;
}

/**
 * How much of a body is read at all: the limit twice. Who is a little over it has sent all of it before hearing the
 * answer, and can go on with the connection.
 */
export const maxReadOf = (maxBytes: number): number => 2 * maxBytes;

export const collectBody = (maxBytes: number): Collector => {
  const parts: Uint8Array[] = [];
  let length = 0;
  return {
    take: (part) => {
      length += part.length;
      if (length <= maxBytes) parts.push(part);
      else parts.length = 0;
      return length <= maxReadOf(maxBytes);
    },
    whole: () => {
      if (length > maxBytes) throw new TRPCError({ code: 'PAYLOAD_TOO_LARGE' });
      return Buffer.concat(parts);
    },
  };
};

/**
 * A parser of the app around has read the body and keeps it somewhere else: nothing is known of the input, and to take
 * it for none would be a guess.
 */
export const bodyIsGone = (): Error =>
  new Error('The body was read before it came to the handler, and left nowhere. Mount the handler before the parser.');
