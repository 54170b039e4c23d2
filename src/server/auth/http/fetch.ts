/**
 * The stack over the fetch standard: Hono, Next.js (route handlers), Bun.
 *
 * @packageDocumentation
 */
import type { AnyRouter, inferRouterContext } from '@trpc/server';
import type { AuthContext } from '../context.ts';
import { pendingWorkSlot } from '../pending-work.ts';
import { createFetchHost, type FetchExchange, type FetchHost, openExchange } from './fetch-exchange.ts';
import { createHandler } from './handler.ts';
import type { HandlerOptions, NeededContext } from './handler-options.ts';
import type { Host } from './host.ts';

export type { FetchHost } from './fetch-exchange.ts';

/** @typeParam TRuntime what the framework or runtime tells beside the request, as the handler is called with it. */
export interface FetchHandlerOptions<TRouter extends AnyRouter, TRuntime = unknown>
  extends Omit<HandlerOptions<TRouter, FetchHost, Request>, 'createContext'> {
  /**
   * Adds what the app's own procedures need to the stack's context. It is given the request, and what the handler was
   * called with beside it.
   * @default (context) => context
   * @example
   * createContext: (context, _host, c: Context<Env>) => ({ ...context, db: c.var.db }) // Hono: handler(c.req.raw, c)
   */
  createContext?: (
    context: AuthContext,
    host: FetchHost,
    runtime: TRuntime,
  ) => inferRouterContext<TRouter> | Promise<inferRouterContext<TRouter>>;
  /**
   * The client's address, which only the host knows: of the connection, or of a header that its own proxy sets. Without
   * it all clients share one rate limit.
   * @default () => null
   * @example
   * address: (_request, c: Context) => getConnInfo(c).remote.address // Hono on Node.js: handler(c.req.raw, c)
   * address: (request, server: Bun.Server) => server.requestIP(request)?.address // Bun: serve({ fetch: handler })
   */
  address?: (request: Request, runtime: TRuntime) => string | null | undefined;
  /**
   * Is given a promise of all that a request still makes the stack do, mails that are to leave among it, where a
   * runtime would otherwise stop once the answer is on its way.
   */
  waitUntil?: (promise: Promise<void>, request: Request, runtime: TRuntime) => void;
}

/** Asks for what one of its options has declared; where none has, the request is enough. */
export type FetchHandler<TRuntime> = (
  request: Request,
  ...runtime: unknown extends TRuntime ? [runtime?: TRuntime] : [runtime: TRuntime]
) => Promise<Response>;

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
export function createFetchHandler<TRouter extends AnyRouter, TRuntime = unknown>(
  options: FetchHandlerOptions<TRouter, TRuntime> & NeededContext<TRouter>,
): FetchHandler<TRuntime>;
export function createFetchHandler<TRouter extends AnyRouter>(
  options: FetchHandlerOptions<TRouter>,
): (request: Request, runtime?: unknown) => Promise<Response> {
  const { address = () => null, createContext, waitUntil, ...others } = options;
  const host = createFetchHost();
  const work = pendingWorkSlot.of(options.auth);
  const handle = createHandler<FetchExchange, Request, TRouter>(host, {
    ...others,
    ...(createContext && { createContext: (context, exchange) => createContext(context, exchange, exchange.runtime) }),
  });
  return (request, runtime) =>
    new Promise((respond) => {
      const exchange = openExchange({ request, runtime, address: () => address(request, runtime), respond });
      const handled = handle(exchange)
        .catch(() => fail(host, exchange))
        .then(async () => void (await work.pending()));
      waitUntil?.(handled, request, runtime);
    });
}
