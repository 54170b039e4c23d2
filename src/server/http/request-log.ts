import type { RequestHandler, Response } from 'express';
import { requestRecordOf } from 'latchkey/server';
import type { Log } from '../log/log.ts';
import { requestIdOf } from './request-id.ts';

const MAX_PATH = 200;

export interface RequestLogOptions {
  log: Log;
  /** In milliseconds, from any start. */
  monotonicNow: () => number;
  /** The page's own files are logged at `debug`: in development each page is hundreds of them. */
  quietFiles: boolean;
}

const levelOf = (res: Response, isFile: boolean): 'error' | 'warn' | 'info' | 'debug' => {
  if (res.statusCode >= 500) return res.statusCode === 503 ? 'warn' : 'error';
  return isFile ? 'debug' : 'info';
};

/**
 * Writes one record a request when it is over, also when the client left before. The path comes without its query,
 * which holds the input of calls; no header, cookie or body is ever looked at.
 */
export const requestLog =
  ({ log, monotonicNow, quietFiles }: RequestLogOptions): RequestHandler =>
  (req, res, next) => {
    const start = monotonicNow();
    const [path = ''] = req.originalUrl.split('?', 1);
    res.once('close', () => {
      const record = requestRecordOf(req);
      const isFile = quietFiles && record === undefined && res.statusCode < 400;
      log[levelOf(res, isFile)](
        {
          requestId: requestIdOf(res.locals),
          method: req.method,
          path: path.slice(0, MAX_PATH),
          ...(record && { procedures: record.procedures }),
          status: res.statusCode,
          ...(record && record.refusals.length > 0 && { reasons: record.refusals }),
          durationMs: Math.round((monotonicNow() - start) * 10) / 10,
          ...(record?.userId !== undefined && { userId: record.userId }),
          ...(!res.writableFinished && { aborted: true }),
        },
        'request',
      );
    });
    next();
  };
