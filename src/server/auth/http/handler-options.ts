import type { AnyRouter, inferRouterContext } from '@trpc/server';
import type { HTTPErrorHandler, ResponseMetaFn } from '@trpc/server/http';
import type { Auth } from '../auth.ts';
import type { AuthContext } from '../context.ts';
import type { AnswerLimits } from './unread-answers.ts';

/** What all hosts take: the stack's own options and those of tRPC's adapters. */
export interface HandlerOptions<TRouter extends AnyRouter, TExchange, TRequest extends object> {
  auth: Auth;
  router: TRouter;
  /**
   * Adds what the app's own procedures need to the stack's context. It is given the request, and its answer where the
   * host has one.
   * @default (context) => context
   */
  createContext?: (
    context: AuthContext,
    host: TExchange,
  ) => inferRouterContext<TRouter> | Promise<inferRouterContext<TRouter>>;
  /**
   * The largest body, in bytes.
   * @default 100_000
   */
  maxBodyBytes?: number;
  /**
   * Takes `multipart/form-data` and `application/octet-stream` for the app's own procedures, never for those that read
   * or write cookies. Each is read into memory first: `maxBytes` of one, or `maxBodyBytes`.
   * @default false
   */
  uploads?: boolean | { maxBytes: number };
  /**
   * Request headers of the app's own that pages on a listed origin may send, beside ours and those of tracing.
   * @default []
   */
  allowedHeaders?: readonly string[];
  /** Called with every unexpected error, and with the reason why the store is unavailable, for the log. */
  onUnexpectedError?: (error: unknown, requestId: string) => void;
  /** @default { batch: 4_000_000, process: 64_000_000 } */
  answerLimits?: Partial<AnswerLimits>;

  /** Called with every error that is answered, refusals included. */
  onError?: HTTPErrorHandler<TRouter, TRequest>;
  /**
   * Adds headers to an answer, or chooses its status. What it sets is beside the stack's own cookies and `Vary`; its
   * `Cache-Control` counts where the request carries no access token and the answer no cookie.
   */
  responseMeta?: ResponseMetaFn<TRouter>;
  /** @default true */
  allowBatching?: boolean;
  /**
   * How many calls a batch may hold: 20, or fewer.
   * @default 20
   */
  maxBatchSize?: number;
  /**
   * Whether a query or a subscription may come by POST, as inputs do that do not fit into an address.
   * @default true
   */
  allowMethodOverride?: boolean;
}

/** A router with a context of its own needs somebody to create it. */
export type NeededContext<TRouter extends AnyRouter> =
  AuthContext extends inferRouterContext<TRouter> ? unknown : { createContext: unknown };
