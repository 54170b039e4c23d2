/**
 * The stack over `node:http`: a bare server, Fastify (`request.raw`, `reply.raw`), Next.js (API routes).
 *
 * @packageDocumentation
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AnyRouter } from '@trpc/server';
import proxyAddr from 'proxy-addr';
import { tidyForwarded } from './client-address.ts';
import { createHandler } from './handler.ts';
import type { HandlerOptions, NeededContext } from './handler-options.ts';
import { inTurn } from './in-turn.ts';
import { createNodeHost, type NodeExchange } from './node-exchange.ts';

export type { NodeExchange } from './node-exchange.ts';

export interface NodeHandlerOptions<TRouter extends AnyRouter>
  extends HandlerOptions<TRouter, NodeExchange, IncomingMessage> {
  /**
   * Whose `X-Forwarded-For` is believed, as Express's `trust proxy` takes it: how many proxies there are, or their
   * addresses (`'loopback'`, `'10.0.0.0/8'`). Without it the address is that of the connection.
   * @default false
   */
  trustProxy?: boolean | number | string | readonly string[];
}

type Trust = (address: string, hop: number) => boolean;

const trustOf = (trustProxy: NodeHandlerOptions<AnyRouter>['trustProxy']): Trust => {
  if (typeof trustProxy === 'boolean' || trustProxy === undefined) return () => trustProxy === true;
  if (typeof trustProxy === 'number') return (_address, hop) => hop < trustProxy;
  const proxies = typeof trustProxy === 'string' ? trustProxy.split(',') : trustProxy;
  return proxyAddr.compile(proxies.map((entry) => entry.trim()));
};

/** What an error formatter of the app's that throws comes to: there is nothing left that could say more. */
const fail = (res: ServerResponse): void => {
  if (res.headersSent) res.destroy();
  else res.writeHead(500).end();
};

/**
 * Answers the procedures of a router with the stack in front of them, wherever it is mounted. Opens and migrates the
 * store with the first request, unless `auth.start()` has. Resolves once the request is answered.
 * @throws TypeError when the router and the auth do not fit each other, or an option is invalid.
 * @example
 * createServer(createNodeHandler({ auth, router: appRouter })).listen(3000);
 */
export const createNodeHandler = <TRouter extends AnyRouter>(
  options: NodeHandlerOptions<TRouter> & NeededContext<TRouter>,
): ((req: IncomingMessage, res: ServerResponse) => Promise<void>) => {
  const trust = trustOf(options.trustProxy);
  const host = createNodeHost<NodeExchange>(({ req }) => {
    tidyForwarded(req);
    return proxyAddr(req, trust);
  });
  const handle = createHandler(host, options);
  return (req, res) =>
    new Promise((resolve) => {
      inTurn(res, () => {
        handle({ req, res }).then(resolve, () => resolve(fail(res)));
      });
    });
};
