import {
  httpBatchLink,
  httpLink,
  httpSubscriptionLink,
  isNonJsonSerializable,
  splitLink,
  type TRPCLink,
} from '@trpc/client';
import type { AnyRouter } from '@trpc/server';
import { MAX_BATCH_CALLS } from '../../../shared/auth/cookies.ts';
import type { AuthEnvironment } from '../environment.ts';
import { withHeaders } from '../wire/headers.ts';
import { inputHalf, type Transformer } from '../wire/transformer.ts';
import type { createEventSourceOptions, EventSourceClass } from './event-source.ts';
import type { HeadersOptions } from './token-headers.ts';

/** Characters. Proxies and servers refuse longer ones: Node.js takes 16 KiB of headers in all. */
const MAX_URL_LENGTH = 8_000;

/** Characters of JSON. A batch of inputs below it stays well below the server's default limit of 100,000 bytes. */
const MAX_BATCHED_INPUT_LENGTH = 2_000;

interface BaseHttpOptions {
  url: string;
  headers: (options?: HeadersOptions) => Record<string, string>;
  /** Sends a query by POST whose URL would be longer than 8,000 characters, alone or in a batch. */
  fetch: (input: RequestInfo | URL | string, init?: RequestInitLike) => Promise<Response>;
  /** The most calls that the server takes in a batch: 20. */
  maxItems: number;
}

/** As much of what tRPC gives to `fetch` as differs from what a browser takes. */
type RequestInitLike = Omit<RequestInit, 'signal'> & { signal?: AbortSignal | null | undefined };

/** A query whose URL is too long, as tRPC's method override sends one: by POST, with the input in the body. */
const asPost = (url: RequestInfo | URL, init: RequestInit): [url: RequestInfo | URL, init: RequestInit] => {
  const [address = url, input] = typeof url === 'string' && url.length > MAX_URL_LENGTH ? url.split(/[?&]input=/) : [];
  if (input === undefined) return [url, init];
  const post = { ...init, method: 'POST', body: decodeURIComponent(input) };
  return [address, withHeaders(post, { 'content-type': 'application/json' })];
};

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
  fetch: (input, init) => fetch(...asPost(input, { ...init, signal: init?.signal ?? null })),
  maxItems: MAX_BATCH_CALLS,
});

/**
 * The links that send. Calls of a turn in batches, but for those that fit into none: forms and files, and inputs so
 * large that a batch of them might be larger than the server allows.
 */
export const terminatingLinks = <TRouter extends AnyRouter>(
  options: HttpOptions<true>,
  eventSourceOptions: ReturnType<typeof createEventSourceOptions>,
  { EventSource }: LinksOptions = {},
): TRPCLink<TRouter> => {
  const input = inputHalf(options.transformer);
  const calls: TRPCLink<TRouter> = splitLink({
    // What cannot be written down throws here, where its caller hears of it.
    condition: (op) =>
      isNonJsonSerializable(op.input) || JSON.stringify([input.serialize(op.input)]).length > MAX_BATCHED_INPUT_LENGTH,
    true: httpLink(options),
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
