/**
 * The stack in an Express app, 4.21 or 5: `app.use('/api/trpc', createExpressHandler({ auth, router }))`.
 *
 * @packageDocumentation
 */
import type { AnyRouter } from '@trpc/server';
import type { Request, RequestHandler, Response } from 'express';
import { tidyForwarded } from './client-address.ts';
import { createHandler } from './handler.ts';
import type { HandlerOptions, NeededContext } from './handler-options.ts';
import { inTurn } from './in-turn.ts';
import { createNodeHost } from './node-exchange.ts';

/** What `createContext` is given beside the stack's context. */
export interface ExpressExchange {
  req: Request;
  res: Response;
}

export interface ExpressHandlerOptions<TRouter extends AnyRouter>
  extends HandlerOptions<TRouter, ExpressExchange, Request> {
  /**
   * Compresses what it is given: `compression()`. It is given whole answers of some length to queries; never a stream,
   * nor what can hold a token.
   */
  compress?: RequestHandler;
}

/** `req.ip`, by the app's `trust proxy`. */
const host = createNodeHost<ExpressExchange>(({ req }) => {
  tidyForwarded(req);
  return req.ip;
});

/**
 * Answers the procedures of a router with the stack in front of them, wherever it is mounted. Opens and migrates the
 * store with the first request, unless `auth.start()` has. Keeps the request's id that the app has set on the answer as
 * `x-request-id`, or makes one. Mount it before any parser of bodies.
 * @throws TypeError when the router and the auth do not fit each other, or an option is invalid.
 * @example
 * app.use('/api/trpc', createExpressHandler({ auth, router: appRouter }));
 */
export const createExpressHandler = <TRouter extends AnyRouter>(
  options: ExpressHandlerOptions<TRouter> & NeededContext<TRouter>,
): RequestHandler => {
  const { compress } = options;
  const handle = createHandler(host, options, ({ req, res }) => compress?.(req, res, () => {}));
  return (req, res, next) => {
    inTurn(res, () => {
      handle({ req, res }).catch(next);
    });
  };
};
