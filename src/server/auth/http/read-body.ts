import { TRPCError } from '@trpc/server';
import express, { type Request, type Response } from 'express';

/** The largest body, in bytes: 100 kB. */
const MAX_BODY = 100_000;

/** Text, not JSON: tRPC parses it, once. Compressed bodies are refused, since a small one may hold a large one. */
const parser = express.text({ type: () => true, limit: MAX_BODY, inflate: false });

const codeOf = (error: unknown): TRPCError['code'] => {
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
  if (status === 413) return 'PAYLOAD_TOO_LARGE';
  return status === 415 ? 'UNSUPPORTED_MEDIA_TYPE' : 'BAD_REQUEST';
};

/**
 * Reads a request's body into `req.body`, where tRPC finds it. Before anything else happens, for tRPC itself reads a body only when a
 * procedure has an input, and would run the others whatever came along.
 * @throws TRPCError `PAYLOAD_TOO_LARGE`, `UNSUPPORTED_MEDIA_TYPE`, `BAD_REQUEST`
 */
export const readBody = async (req: Request, res: Response): Promise<void> => {
  // The parser answers only when it has read all of what it refuses, be it a gigabyte.
  if (Number(req.headers['content-length']) > MAX_BODY) throw new TRPCError({ code: 'PAYLOAD_TOO_LARGE' });
  await new Promise<void>((resolve, reject) => {
    parser(req, res, (error?: unknown) => {
      if (error === undefined) resolve();
      else reject(new TRPCError({ code: codeOf(error) }));
    });
  });
};
