import { createServer, type Server } from 'node:http';
import { answerClientErrors } from './client-errors.ts';

const SECOND = 1000;

/** An HTTP server with bounds on how long a connection may keep it waiting. */
export const createHttpServer = (): Server => {
  const server = createServer({
    // A client that sends its head or its body drop by drop holds a connection for nothing (slow loris). Our largest body is 100 kB.
    headersTimeout: 15 * SECOND,
    requestTimeout: 30 * SECOND,
    connectionsCheckingInterval: 5 * SECOND,
  });
  // Longer than the 60 s for which the usual proxies keep an idle connection: the one who closes first must be the proxy, or it sends a
  // request into a connection that we are just closing, and answers 502.
  server.keepAliveTimeout = 65 * SECOND;
  answerClientErrors(server);
  return server;
};
