import { type AnyRouter, getTRPCErrorShape, type TRPCError } from '@trpc/server';
import type { Calls } from './calls.ts';

/**
 * The answer to a request that came to no procedure, as tRPC would give it: one error for each call of a batch, through
 * the router's transformer.
 * @param calls undefined when they could not be read, or are too many to be looked at.
 */
export const refusalBody = (router: AnyRouter, error: TRPCError, calls: Calls | undefined): string => {
  const { _config: config } = router._def;
  const answerTo = (path: string | undefined): object => {
    const shape: unknown = getTRPCErrorShape({
      config,
      error,
      path,
      type: 'unknown',
      input: undefined,
      ctx: undefined,
    });
    const sent: unknown = config.transformer.output.serialize(shape);
    return { error: sent };
  };
  return JSON.stringify(calls?.isBatch ? calls.procedures.map(answerTo) : answerTo(calls?.procedures[0]));
};
