import type { IncomingMessage, ServerResponse } from 'node:http';
import { TRPCError } from '@trpc/server';
import { bodyIsGone, collectBody, maxReadOf, refuseCompressed } from './body.ts';

/** Undefined: it goes on for longer than is read of any body. */
const receive = (req: IncomingMessage, maxBytes: number): Promise<Uint8Array | undefined> =>
  new Promise((resolve, reject) => {
    const body = collectBody(maxBytes);
    const take = (part: Buffer): void => {
      if (!body.take(part)) settle(() => undefined);
    };
    const end = (): void => settle(() => body.whole());
    const fail = (): void =>
      settle(() => {
        throw new TRPCError({ code: 'BAD_REQUEST' });
      });
    const settle = (result: () => Uint8Array | undefined): void => {
      req.off('data', take).off('end', end).off('close', fail).pause();
      try {
        resolve(result());
      } catch (error) {
        reject(error);
      }
    };
    if (req.destroyed) fail();
    else req.on('data', take).once('end', end).once('close', fail);
  });

/** What a parser of the app around has put where Express, Next.js and tRPC look for it. */
const parsedBodyOf = (req: IncomingMessage): unknown => ('body' in req ? req.body : undefined);

/**
 * Reads a request's body before anything else happens, whether or not a procedure asks for its input. Of one that is
 * too large no more is read, and the connection ends with the answer.
 * @throws TRPCError `PAYLOAD_TOO_LARGE`, `UNSUPPORTED_MEDIA_TYPE`, `BAD_REQUEST`
 */
export const readNodeBody = async (req: IncomingMessage, res: ServerResponse, maxBytes: number): Promise<unknown> => {
  const { 'content-length': length, 'transfer-encoding': transfer, 'content-encoding': encoding } = req.headers;
  // Some parsers make an object of no body at all.
  if ((length === undefined || length === '0') && transfer === undefined) return undefined;
  if (req.readableEnded) {
    const body = parsedBodyOf(req);
    if (body === undefined) throw bodyIsGone();
    return body;
  }
  refuseCompressed(encoding);
  const body = Number(length) > maxReadOf(maxBytes) ? undefined : await receive(req, maxBytes);
  if (body !== undefined) return body;
  res.setHeader('Connection', 'close');
  throw new TRPCError({ code: 'PAYLOAD_TOO_LARGE' });
};
