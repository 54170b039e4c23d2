import { TRPCError } from '@trpc/server';
import type { Request, Response } from 'express';
import { refuse } from '../refusal.ts';
import { keepWords } from '../trpc/error-formatter.ts';
import { type Calls, isBatchTooLarge } from './calls.ts';
import { setCorsHeaders } from './cors.ts';
import { isOriginAllowed, type OriginPolicy } from './origin.ts';
import { readBody } from './read-body.ts';

const METHODS = ['GET', 'POST', 'OPTIONS'];
const JSON_TYPE = /^application\/json[ \t]*(?:;|$)/i;

export interface GuardOptions {
  origins: OriginPolicy;
  /** The procedures that write cookies: they travel alone. */
  cookieProcedures: ReadonlySet<string>;
}

/**
 * Refuses what must not reach a procedure, before any effect: by method, origin, content type, size, batch and
 * transport, in this order. None of it touches a cookie.
 * @throws TRPCError
 */
export const guard = async (req: Request, res: Response, calls: Calls, options: GuardOptions): Promise<void> => {
  const { origins, cookieProcedures } = options;
  const { origin } = req.headers;

  if (origins.allowed.size > 0) res.vary('Origin');
  if (origin !== undefined && origins.allowed.has(origin)) setCorsHeaders(res, origin);

  if (!METHODS.includes(req.method)) {
    res.setHeader('Allow', METHODS.join(', '));
    throw new TRPCError({ code: 'METHOD_NOT_SUPPORTED' });
  }
  if (req.method === 'OPTIONS') return;

  if (req.method === 'POST') {
    const headers = {
      origin,
      secFetchSite: req.headers['sec-fetch-site']?.toString(),
      custom: req.headers['x-latchkey']?.toString(),
    };
    if (!isOriginAllowed(origins, headers)) throw refuse('origin_not_allowed', { address: origins.own });

    // An HTML form can send three types without asking first, and this is none of them.
    if (!JSON_TYPE.test(req.headers['content-type'] ?? '')) throw new TRPCError({ code: 'UNSUPPORTED_MEDIA_TYPE' });
    await readBody(req, res);
  }

  if (isBatchTooLarge(calls)) {
    throw keepWords(new TRPCError({ code: 'BAD_REQUEST', message: 'The batch holds too many calls.' }));
  }

  const isSoleCall = calls.procedures.length === 1 && !calls.isStreamed;
  if (!isSoleCall && calls.procedures.some((name) => cookieProcedures.has(name))) throw refuse('transport_not_allowed');
};
