import {
  httpBatchLink,
  httpLink,
  httpSubscriptionLink,
  isNonJsonSerializable,
  type Operation,
  splitLink,
  type TRPCLink,
} from '@trpc/client';
import type { AnyRouter } from '@trpc/server';
import { MAX_BATCH_CALLS } from '../../../shared/auth/cookies.ts';
import type { AuthEnvironment } from '../environment.ts';
import { inputHalf, type Transformer } from '../wire/transformer.ts';
import type { createEventSourceOptions, EventSourceClass } from './event-source.ts';
import type { HeadersOptions } from './token-headers.ts';

/** Proxies and servers refuse longer ones: Node.js takes 16 KiB of headers in all. */
const MAX_URL_LENGTH = 8_000;

interface BaseHttpOptions {
  url: string;
  headers: (options?: HeadersOptions) => Record<string, string>;
  fetch: (input: RequestInfo | URL | string, init?: RequestInitLike) => Promise<Response>;
  /** The most calls that the server takes in a batch: 20. */
  maxItems: number;
  /** Characters. A batch link makes several requests of what is longer. */
  maxURLLength: number;
}

/** As much of what tRPC gives to `fetch` as differs from what a browser takes. */
type RequestInitLike = Omit<RequestInit, 'signal'> & { signal?: AbortSignal | null | undefined };

/** The options of tRPC's HTTP links. With a transformer, as they ask for it, and without one, as they do not. */
export type HttpOptions<HasTransformer extends boolean> = HasTransformer extends true
  ? BaseHttpOptions & { transformer: Transformer }
  : BaseHttpOptions;

export interface LinksOptions {
  /** That of the package `eventsource` 4, for an app that subscribes: the browser's own sends no headers. */
  EventSource?: EventSourceClass;
}

export const createHttpOptions = (
  url: string,
  transformer: Transformer,
  { fetch }: Pick<AuthEnvironment, 'fetch'>,
  headers: BaseHttpOptions['headers'],
): HttpOptions<true> => ({
  url,
  transformer,
  headers,
  fetch: (input, init) => fetch(input, { ...init, signal: init?.signal ?? null }),
  maxItems: MAX_BATCH_CALLS,
  maxURLLength: MAX_URL_LENGTH,
});

/**
 * The links that send. Calls of a turn in batches, but for those that fit into none: forms and files, and inputs that
 * make a URL too long, which go by POST, queries too (tRPC's method override).
 */
export const terminatingLinks = <TRouter extends AnyRouter>(
  options: HttpOptions<true>,
  eventSourceOptions: ReturnType<typeof createEventSourceOptions>,
  { EventSource }: LinksOptions = {},
): TRPCLink<TRouter> => {
  const input = inputHalf(options.transformer);
  // As long as the batch link would make it for this call alone. What cannot be written down throws here, where its
  // caller hears of it.
  const isLarge = (op: Operation): boolean =>
    `${options.url}/${op.path}?batch=1&input=${encodeURIComponent(JSON.stringify({ 0: input.serialize(op.input) }))}`
      .length > MAX_URL_LENGTH;

  const calls: TRPCLink<TRouter> = splitLink({
    condition: (op) => isNonJsonSerializable(op.input) || isLarge(op),
    true: httpLink({ ...options, methodOverride: 'POST' }),
    false: httpBatchLink<AnyRouter>(options),
  });
  return EventSource === undefined
    ? calls
    : splitLink({
        condition: ({ type }) => type === 'subscription',
        true: httpSubscriptionLink<AnyRouter, EventSourceClass>({ ...options, EventSource, eventSourceOptions }),
        false: calls,
      });
};
