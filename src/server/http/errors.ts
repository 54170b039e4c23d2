import type { ErrorRequestHandler, RequestHandler } from 'express';
import type { Log } from '../log/log.ts';
import { apiRefusal, isForApi } from './api-refusal.ts';
import { requestIdOf } from './request-id.ts';

/** JSON for whatever is not there under `/api`, so that a mistyped path never answers with the page. */
export const apiNotFound = (): RequestHandler => (_req, res) => {
  res.status(404).setHeader('Cache-Control', 'no-store');
  res.json({ error: { message: 'There is nothing here.', data: { code: 'NOT_FOUND', httpStatus: 404 } } });
};

/** The end of the line for a request that nothing answered. */
export const notFound = (): RequestHandler => (_req, res) => {
  res.status(404).setHeader('Cache-Control', 'no-store');
  res.type('text').send('There is nothing here.');
};

const clientStatusOf = (error: unknown): number | undefined => {
  if (typeof error !== 'object' || error === null || !('status' in error)) return undefined;
  const { status } = error;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
};

/**
 * Answers what threw, in words of our own: a library's may hold the request's body or a path of this machine. Nothing
 * but Express's own refusals (a path that cannot be decoded, a range that cannot be met) is the client's fault.
 */
export const errorHandler =
  (log: Log): ErrorRequestHandler =>
  (error: unknown, req, res, next) => {
    const clientStatus = clientStatusOf(error);
    const requestId = requestIdOf(res.locals);
    if (clientStatus === undefined) log.error({ requestId, err: error }, 'Unexpected error in a request');
    if (res.headersSent) {
      // Express then cuts the connection: a half answer must not look like a whole one.
      next(error);
      return;
    }

    const status = clientStatus ?? 500;
    const message =
      clientStatus === undefined ? 'Something went wrong on our side.' : 'The request cannot be understood.';
    res.status(status).setHeader('Cache-Control', 'no-store');
    if (isForApi(req.originalUrl)) res.json(apiRefusal({ status, message, requestId }));
    else res.type('text').send(`${message} Tell us this number when you ask about it: ${requestId}`);
  };
