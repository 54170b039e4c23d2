import { createServer, type Server } from 'node:http';
import { answerClientErrors, type EarlyAnswers } from './client-errors.ts';
import { limitPipelining } from './pipelined-requests.ts';
import { endUnreadRequests } from './unread-requests.ts';

const SECOND = 1000;

/** How long, in milliseconds, a connection may keep the server waiting, and how much there may be of it. */
export const CONNECTION_LIMITS = {
  /** For all headers of a request (slow loris). */
  headers: 15 * SECOND,
  /** For all of a request. Our largest body is 100 kB. */
  request: 30 * SECOND,
  /** How often the two are looked at. */
  checkedEvery: 5 * SECOND,
  /**
   * Without a byte in either direction while an answer is due: a client that does not read it. A live stream says
   * something every 15 s.
   */
  stalled: 60 * SECOND,
  /**
   * Between two requests. Longer than the 60 s for which the usual proxies keep an idle connection: the one who closes
   * first must be the proxy, or it sends a request into a connection that we are just closing, and answers 502.
   */
  idle: 65 * SECOND,
  /** For the rest of a request that was answered before it was read. */
  unread: SECOND,
  /** Requests that wait behind another on their connection. Browsers and proxies wait themselves, and send none. */
  pipelined: 20,
  /** Connections at once. Each costs some 20 kB and a file descriptor, and beyond are those that the store needs. */
  connections: 10_000,
};

export interface HttpServerOptions extends Partial<EarlyAnswers> {
  limits?: Partial<typeof CONNECTION_LIMITS>;
}

/** An HTTP server with bounds on what a connection may cost it. */
export const createHttpServer = ({ limits, hsts = false, onEarlyAnswer }: HttpServerOptions = {}): Server => {
  const { headers, request, checkedEvery, stalled, idle, unread, pipelined, connections } = {
    ...CONNECTION_LIMITS,
    ...limits,
  };
  const server = createServer({
    headersTimeout: headers,
    requestTimeout: request,
    connectionsCheckingInterval: checkedEvery,
    keepAliveTimeout: idle,
    // The app refuses it, in its own form.
    requireHostHeader: false,
  });
  server.timeout = stalled;
  server.maxConnections = connections;
  answerClientErrors(server, { hsts, onEarlyAnswer });
  endUnreadRequests(server, unread);
  limitPipelining(server, pipelined);
  return server;
};
