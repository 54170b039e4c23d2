import { TRPCError } from '@trpc/server';
import type { Request, Response } from 'express';
import { keepWords } from '../trpc/error-formatter.ts';

/** The largest body, in bytes: 100 kB. */
const MAX_BODY = 100_000;

/**
 * How much of a body is read at all. Who is a little over the limit has sent all of it before hearing the answer, and
 * can go on with the connection.
 */
const MAX_READ = 2 * MAX_BODY;

const decoder = new TextDecoder();

const receive = (req: Request): Promise<Buffer | 'too_large' | 'endless'> =>
  new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let length = 0;
    const take = (part: Buffer): void => {
      length += part.length;
      if (length <= MAX_BODY) parts.push(part);
      else parts.length = 0;
      if (length > MAX_READ) stop(() => resolve('endless'));
    };
    const end = (): void => stop(() => resolve(length > MAX_BODY ? 'too_large' : Buffer.concat(parts)));
    const fail = (): void => stop(() => reject(new TRPCError({ code: 'BAD_REQUEST' })));
    const stop = (settle: () => void): void => {
      req.off('data', take).off('end', end).off('close', fail).pause();
      settle();
    };
    if (req.destroyed) fail();
    else req.on('data', take).once('end', end).once('close', fail);
  });

/**
 * Reads a request's body into `req.body`, as text, where tRPC finds it and parses it, once. Before anything else
 * happens, for tRPC itself reads a body only when a procedure has an input, and would run the others whatever came
 * along. Of one that is too large no more is read, and the connection ends with the answer.
 * @throws TRPCError `PAYLOAD_TOO_LARGE`, `UNSUPPORTED_MEDIA_TYPE`, `BAD_REQUEST`
 */
export const readBody = async (req: Request, res: Response): Promise<void> => {
  // Another parser of the app around has read it.
  if (req.readableEnded) return;
  req.body = undefined;
  if (req.headers['content-length'] === undefined && req.headers['transfer-encoding'] === undefined) return;
  // A small compressed body may hold a large one.
  if ((req.headers['content-encoding'] ?? 'identity').toLowerCase() !== 'identity') {
    const message = 'Send the body as it is, not compressed.';
    throw keepWords(new TRPCError({ code: 'UNSUPPORTED_MEDIA_TYPE', message }));
  }
  const body = Number(req.headers['content-length']) > MAX_READ ? 'endless' : await receive(req);
  if (body === 'endless') res.setHeader('Connection', 'close');
  if (typeof body === 'string') throw new TRPCError({ code: 'PAYLOAD_TOO_LARGE' });
  req.body = decoder.decode(body);
};
