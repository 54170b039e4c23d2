/**
 * The stack over the fetch standard: Hono, Next.js (route handlers), Bun.
 *
 * @packageDocumentation
 */
import type { AnyRouter } from '@trpc/server';
import { createFetchHost, type FetchExchange, type FetchHost, openExchange } from './fetch-exchange.ts';
import { createHandler } from './handler.ts';
import type { HandlerOptions, NeededContext } from './handler-options.ts';
import type { Host } from './host.ts';

export type { FetchHost } from './fetch-exchange.ts';

/** @typeParam TArgs what the runtime tells beside the request, as the handler is given it. */
export interface FetchHandlerOptions<TRouter extends AnyRouter, TArgs extends readonly unknown[] = []>
  extends HandlerOptions<TRouter, FetchHost, Request> {
  /**
   * The client's address, which only the host knows: of the connection, or of a header that its own proxy sets. Without
   * it all clients share one rate limit.
   * @default () => null
   * @example
   * address: (_request, c: Context) => getConnInfo(c).remote.address // Hono on Node.js: handler(c.req.raw, c)
   * address: (request, server: Bun.Server) => server.requestIP(request)?.address // Bun: serve({ fetch: handler })
   */
  address?: (request: Request, ...args: TArgs) => string | null | undefined;
  /**
   * Is given a promise of all that a request still makes the stack do, where a runtime would otherwise stop once the
   * answer is on its way.
   */
  waitUntil?: (promise: Promise<void>, request: Request, ...args: TArgs) => void;
}

/** What an error formatter of the app's that throws comes to: there is nothing left that could say more. */
const fail = (host: Host<FetchExchange>, exchange: FetchExchange): void => {
  if (exchange.hasResponded) host.destroy(exchange);
  else exchange.respond(new Response(null, { status: 500 }));
};

/**
 * Answers the procedures of a router with the stack in front of them, wherever it is mounted. Opens and migrates the
 * store with the first request, unless `auth.start()` has.
 * @throws TypeError when the router and the auth do not fit each other, or an option is invalid.
 * @example
 * app.all('/api/trpc/*', (c) => handler(c.req.raw)); // Hono
 */
export const createFetchHandler = <TRouter extends AnyRouter, TArgs extends readonly unknown[] = []>(
  options: FetchHandlerOptions<TRouter, TArgs> & NeededContext<TRouter>,
): ((request: Request, ...args: TArgs) => Promise<Response>) => {
  const { address = () => null, waitUntil } = options;
  const host = createFetchHost();
  const handle = createHandler(host, options);
  return (request, ...args) =>
    new Promise((respond) => {
      const exchange = openExchange({ request, address: () => address(request, ...args), respond });
      const handled = handle(exchange).catch(() => fail(host, exchange));
      waitUntil?.(handled, request, ...args);
    });
};
