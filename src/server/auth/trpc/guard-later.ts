import type { AuthRequest } from '../request.ts';
import type { Call } from './around-call.ts';
import type { Result } from './call-result.ts';
import { guardResult, guardSubscription, type StreamGuard } from './streamed-data.ts';

/**
 * Looks after what comes later than the result: the events of a subscription, the parts of an answer that is streamed.
 */
export const guardLater = <TResult extends Result>(
  result: TResult,
  { streamed }: AuthRequest,
  type: Call['type'],
  guard: StreamGuard,
): TResult => {
  if (!result.ok) return result;
  if (type === 'subscription') {
    const events = guardSubscription(result.data, guard);
    return events === undefined ? result : { ...result, data: events };
  }
  if (streamed === undefined) return result;
  return { ...result, data: guardResult(result.data, { ...guard, assertSendable: streamed.assertSendable }) };
};
