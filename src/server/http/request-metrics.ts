import type { RequestHandler } from 'express';
import { requestRecordOf } from 'latchkey/server';

/** Counts what a request's calls were refused for, once it is over. */
export const requestMetrics =
  ({ countRefusal }: { countRefusal: (reason: string) => void }): RequestHandler =>
  (req, res, next) => {
    res.once('close', () => {
      for (const reason of requestRecordOf(req)?.refusals ?? []) countRefusal(reason);
    });
    next();
  };
