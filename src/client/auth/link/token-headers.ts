import { isCall } from '../session/identity.ts';
import { headersWith } from '../wire/headers.ts';
import type { Calls } from './calls.ts';

/** Where a call stands in its operation's context. It holds no token: loggers print the context. */
export const CALL_KEY = 'latchkey';

/** Thrown in place of sending: the request holds a call of a user who is no longer the one of this page. */
export class NotSentError extends Error {}

interface WithContext {
  context: Record<string, unknown>;
}

/** What tRPC's links give to `headers`: one operation, or a batch of them. */
export interface HeadersOptions {
  op?: WithContext;
  opList?: readonly WithContext[];
}

/**
 * The headers of a request, at the moment that it is sent: the only moment at which the current token is known. Notes
 * it in each call, so that a rejection of a token that has been replaced since costs no refresh.
 */
export const createTokenHeaders =
  ({ stamp, token }: Pick<Calls, 'stamp' | 'token'>) =>
  ({ op, opList = [] }: HeadersOptions = {}): Record<string, string> => {
    const sent = [op, ...opList].map((operation) => operation?.context[CALL_KEY]).filter(isCall);
    for (const call of sent) {
      // A batch that was put together just before the user changed. Its dropped calls must not be sent as the new one;
      // those of the new one are sent again without them.
      if (!call.isCurrent()) throw new NotSentError();
      stamp(call);
    }
    return headersWith(token()?.grant.accessToken);
  };
