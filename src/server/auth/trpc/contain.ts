import { TRPCError } from '@trpc/server';
import { isGateReason } from '../../../shared/auth/reasons.ts';
import { reasonOf, refusalOf, refuseUnavailable, refuseUnlessFresh } from '../refusal.ts';
import { isStoreUnavailable } from '../store/store-errors.ts';
import { isTRPCError } from '../trpc-error.ts';
import type { Result } from './call-result.ts';
import { keepWords } from './error-formatter.ts';
import { type GatedCall, isOfOwnGate } from './own-gate.ts';

/**
 * What the app's own code may let out: its own words, and `unavailable` for an error of the store that is nobody's
 * fault.
 */
export const containContext = (error: unknown): unknown => {
  const cause = isTRPCError(error) ? error.cause : error;
  if (isStoreUnavailable(cause)) return refuseUnavailable(cause);
  return isTRPCError(error) ? keepWords(error) : error;
};

/**
 * The same of a resolver, at once or in a stream. A gate reason that comes out of one was raised by another call inside
 * it, so it loses the tag that tells the client that nothing has happened yet.
 */
export const contain = (error: unknown): unknown => {
  if (isGateReason(reasonOf(error))) return new TRPCError({ code: 'INTERNAL_SERVER_ERROR', cause: error });
  // Whatever asks for a proof after something has happened is not carried out again by itself.
  const isDemand = isTRPCError(error) && refusalOf(error)?.details.reauthenticate !== undefined;
  return isDemand ? refuseUnlessFresh() : containContext(error);
};

/** What is inside of a call lets out what its own gates raised as it is. */
const containInside = (error: TRPCError, call: GatedCall): unknown =>
  isOfOwnGate(error, call) ? error : contain(error);

type ReadInput = () => Promise<unknown>;

/**
 * Runs what is inside, and contains what it lets out. An input that cannot be read is met in here, and its words are
 * tRPC's.
 */
export const containing = async <TResult extends Result>(
  call: GatedCall,
  getRawInput: ReadInput,
  run: (getRawInput: ReadInput) => Promise<TResult>,
): Promise<TResult> => {
  let unreadable: unknown;
  const result = await run(async () => {
    try {
      return await getRawInput();
    } catch (cause) {
      unreadable = cause;
      throw cause;
    }
  });
  if (result.ok) return result;
  throw result.error === unreadable ? result.error : containInside(result.error, call);
};
