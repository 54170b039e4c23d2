import type { Request, Response } from 'express';
import type { Calls } from './calls.ts';
import { isEventStream } from './send-response.ts';

/** What tRPC reads of a request's head. Nothing else of it may choose how the request is read. */
const READ_BY_TRPC = ['accept', 'trpc-accept', 'last-event-id'] as const;

/**
 * Aborts when the client leaves before its answer is whole. tRPC's own adapter aborts after every answer, which says
 * nothing. At the end of an event stream it aborts in any case, and so it does when a stream in it was abandoned: a
 * resolver that waits for its next event would wait for ever when it is the session that has ended.
 */
const departureOf = (res: Response, isAbandoned: () => boolean): AbortSignal => {
  const departure = new AbortController();
  if (res.destroyed) departure.abort();
  res.once('close', () => {
    if (!res.writableFinished || isEventStream(res.getHeader('content-type')) || isAbandoned()) departure.abort();
  });
  return departure.signal;
};

/** The body as it was read, or as a parser of the app around has left it. */
const bodyOf = (req: Request): string | null => {
  const body: unknown = req.body;
  return typeof body === 'string' ? body : body === undefined ? null : JSON.stringify(body);
};

/** The request as tRPC takes it, made of what the guard has looked at: without a host, and with no type but JSON. */
export const toWebRequest = (
  req: Request,
  res: Response,
  { query }: Calls,
  isAbandoned: () => boolean,
): globalThis.Request => {
  const headers = new Headers();
  for (const name of READ_BY_TRPC) {
    const value = req.headers[name];
    if (value !== undefined) headers.set(name, String(value));
  }
  const isPost = req.method === 'POST';
  if (isPost) headers.set('content-type', 'application/json');
  return new globalThis.Request(`http://localhost/${query}`, {
    method: req.method,
    headers,
    signal: departureOf(res, isAbandoned),
    body: isPost ? bodyOf(req) : null,
  });
};
