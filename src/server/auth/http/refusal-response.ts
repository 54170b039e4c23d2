import { type AnyRouter, getTRPCErrorShape, type TRPCError } from '@trpc/server';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import type { Response } from 'express';
import { tagWithRequest } from '../trpc/error-formatter.ts';
import { type Calls, isBatchTooLarge } from './calls.ts';

/** Answers a request that never reached tRPC as tRPC would: one error for each call of a batch. */
export const sendRefusal = (
  res: Response,
  router: AnyRouter,
  { error, calls, requestId }: { error: TRPCError; calls: Calls | undefined; requestId: string },
): void => {
  tagWithRequest(error, requestId);
  const answerTo = (path: string | undefined) => {
    const { _config: config } = router._def;
    const shape: unknown = getTRPCErrorShape({
      config,
      error,
      path,
      type: 'unknown',
      input: undefined,
      ctx: undefined,
    });
    return { error: shape };
  };
  const isAnsweredAsBatch = calls?.isBatch === true && !isBatchTooLarge(calls);
  const body = isAnsweredAsBatch
    ? calls.procedures.map(answerTo)
    : answerTo(calls?.isBatch ? undefined : calls?.procedures[0]);
  res.status(getHTTPStatusCodeFromError(error)).json(body);
};
