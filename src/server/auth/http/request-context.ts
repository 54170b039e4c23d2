import type { Auth } from '../auth.ts';
import type { AuthContext } from '../context.ts';
import type { AuthRequest, StreamedAnswer } from '../request.ts';
import { createCookieJar } from './cookie-jar.ts';
import type { Host } from './host.ts';
import type { RequestRecord } from './request-record.ts';

/** What is kept of a text that a client chose, for the log and the list of sessions: a header may have 16 kB. */
const MAX_USER_AGENT = 512;

export interface RequestContextOptions {
  auth: Auth;
  record: RequestRecord;
  isSoleCall: boolean;
  /** Where the parts of the answer are sent as they come. */
  streamed: StreamedAnswer | undefined;
}

/** The stack's context of a request. */
export const createRequestContext = <TExchange>(
  host: Host<TExchange>,
  exchange: TExchange,
  { auth, record, isSoleCall, streamed }: RequestContextOptions,
): AuthContext => {
  const request: AuthRequest = {
    id: record.id,
    authorization: host.header(exchange, 'authorization'),
    // Both are asked for by few calls.
    get address() {
      return host.address(exchange);
    },
    get userAgent() {
      return host.header(exchange, 'user-agent')?.slice(0, MAX_USER_AGENT) ?? null;
    },
    isSoleCall,
    ...(streamed !== undefined && { streamed }),
    isDisconnected: () => host.isDisconnected(exchange),
    identify: (userId) => {
      record.userId = userId;
    },
  };
  return { auth, request, cookies: createCookieJar(host, exchange) };
};
