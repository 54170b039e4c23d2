import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';

/** What a proxy may name a request by. Nothing in it can break out of a log line or a header. */
const WELL_FORMED = /^[A-Za-z0-9_-]{8,64}$/;

/**
 * Names every request, so that an answer, its log lines and the report of a user can be found from one another. A proxy's own `x-request-id` is kept
 * when it is well formed.
 */
export const requestId = (): RequestHandler => (req, res, next) => {
  const incoming = req.get('x-request-id');
  const id = incoming !== undefined && WELL_FORMED.test(incoming) ? incoming : randomUUID();
  res.locals.requestId = id;
  res.setHeader('x-request-id', id);
  next();
};

export const requestIdOf = (locals: Record<string, unknown>): string | undefined =>
  typeof locals.requestId === 'string' ? locals.requestId : undefined;
