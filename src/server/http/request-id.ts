import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler } from 'express';

/** What a proxy may name a request by. Nothing in it can break out of a log line or a header. */
const WELL_FORMED = /^[A-Za-z0-9_-]{8,64}$/;

type Trust = (address: string | undefined, hop: number) => boolean;

/** Whether `TRUST_PROXY` says that whoever is at the other end of the connection is a proxy of ours. */
const isFromProxy = (req: Request): boolean => {
  // oxlint-disable-next-line typescript/no-unsafe-assignment -- Express types its settings as `any`; this one it makes itself
  const trust: Trust = req.app.get('trust proxy fn');
  return trust(req.socket.remoteAddress, 0);
};

/**
 * Names every request, so that an answer, its log lines and the report of a user can be found from one another. The
 * `x-request-id` of a proxy that is trusted is kept when it is well formed. Anybody else's is not: with an id of their
 * choice they would write into the trail of another's request.
 */
export const requestId = (): RequestHandler => (req, res, next) => {
  const incoming = req.get('x-request-id');
  const isKept = incoming !== undefined && WELL_FORMED.test(incoming) && isFromProxy(req);
  const id = isKept ? incoming : randomUUID();
  res.locals.requestId = id;
  res.setHeader('x-request-id', id);
  next();
};

export const requestIdOf = (locals: Record<string, unknown>): string | undefined =>
  typeof locals.requestId === 'string' ? locals.requestId : undefined;
