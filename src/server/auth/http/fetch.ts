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

export interface FetchHandlerOptions<TRouter extends AnyRouter> extends HandlerOptions<TRouter, FetchHost, Request> {
  /**
   * The client's address, which only the host knows: of the connection, or of a header that its own proxy sets. Without
   * it all clients share one rate limit.
   * @default () => null
   */
  address?: (request: Request) => string | null | undefined;
  /**
   * Is given a promise of all that a request still makes the stack do, where a runtime would otherwise stop once the
   * answer is on its way.
   */
  waitUntil?: (promise: Promise<void>, request: Request) => void;
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
export const createFetchHandler = <TRouter extends AnyRouter>(
  options: FetchHandlerOptions<TRouter> & NeededContext<TRouter>,
): ((request: Request) => Promise<Response>) => {
  const { address = () => null, waitUntil } = options;
  const host = createFetchHost(address);
  const handle = createHandler(host, options);
  return (request) =>
    new Promise((resolve) => {
      const exchange = openExchange(request, resolve);
      const handled = handle(exchange).catch(() => fail(host, exchange));
      waitUntil?.(handled, request);
    });
};
