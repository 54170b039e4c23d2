import { TRPCError } from '@trpc/server';
import { isTRPCError } from '../trpc-error.ts';
import { bodyIsGone, collectBody, maxReadOf, refuseCompressed } from './body.ts';
import { clientAddress } from './client-address.ts';
import type { Host } from './host.ts';

/** What `createContext` is given beside the stack's context. */
export interface FetchHost {
  request: Request;
}

/** A web request, and what is known of its answer so far. */
export interface FetchExchange extends FetchHost {
  /** What the handler was called with beside the request. */
  runtime: unknown;
  address(): string | null | undefined;
  headers: Headers;
  respond(response: Response): void;
  hasResponded: boolean;
  stream: ReadableStreamDefaultController<Uint8Array> | undefined;
  isClosed: boolean;
  whenClosed: ((isFinished: boolean) => void)[];
  whenDrained: (() => void) | undefined;
}

export const openExchange = ({
  request,
  runtime,
  address,
  respond,
}: Pick<FetchExchange, 'request' | 'runtime' | 'address' | 'respond'>): FetchExchange => ({
  request,
  runtime,
  address,
  headers: new Headers(),
  respond,
  hasResponded: false,
  stream: undefined,
  isClosed: false,
  whenClosed: [],
  whenDrained: undefined,
});

const close = (exchange: FetchExchange, isFinished: boolean): void => {
  if (exchange.isClosed) return;
  exchange.isClosed = true;
  exchange.whenDrained?.();
  for (const callback of exchange.whenClosed.splice(0)) callback(isFinished);
};

/**
 * The client has left. A reader of the answer, as within this process, gets the error that `fetch` itself would give.
 */
const abandon = (exchange: FetchExchange): void => {
  if (exchange.isClosed) return;
  exchange.stream?.error(exchange.request.signal.reason);
  close(exchange, false);
};

/** With these a response has no body (https://fetch.spec.whatwg.org/#null-body-status), and is made with none. */
const NO_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

const respond = (exchange: FetchExchange, status: number, body: string | null | ReadableStream<Uint8Array>): void => {
  // It cannot be made with a status that is none.
  const response = new Response(body, { status, headers: exchange.headers });
  exchange.hasResponded = true;
  exchange.respond(response);
};

const streamOf = (exchange: FetchExchange): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start: (controller) => {
      exchange.stream = controller;
    },
    pull: () => exchange.whenDrained?.(),
    cancel: () => close(exchange, false),
  });

const readBody = async ({ request }: FetchExchange, maxBytes: number): Promise<unknown> => {
  if (request.bodyUsed) throw bodyIsGone();
  if (request.body === null) return undefined;
  refuseCompressed(request.headers.get('content-encoding') ?? undefined);
  if (Number(request.headers.get('content-length')) > maxReadOf(maxBytes)) {
    throw new TRPCError({ code: 'PAYLOAD_TOO_LARGE' });
  }
  const body = collectBody(maxBytes);
  const reader = request.body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return body.whole();
      if (body.take(value)) continue;
      await reader.cancel();
      return body.whole();
    }
  } catch (error) {
    throw isTRPCError(error) ? error : new TRPCError({ code: 'BAD_REQUEST', cause: error });
  }
};

const encoder = new TextEncoder();

/**
 * The fetch standard as a host. When a whole answer has been read, only the runtime knows: it bounds those that wait.
 * Of a stream no more is made than is read.
 */
export const createFetchHost = (): Host<FetchExchange, Request> => ({
  request: ({ request }) => request,
  method: ({ request }) => request.method,
  target: ({ request }) => {
    // Without the host, which may be anybody's.
    const { pathname, search } = new URL(request.url);
    return pathname + search;
  },
  header: ({ request }, name) => request.headers.get(name) ?? undefined,
  address: (exchange) => clientAddress(exchange.address()),
  requestId: () => undefined,
  readBody,
  isDisconnected: ({ request, isClosed }) => isClosed || request.signal.aborted,
  onClose: (exchange, callback) => {
    const { request, whenClosed } = exchange;
    if (request.signal.aborted) abandon(exchange);
    if (exchange.isClosed) {
      callback(false);
      return;
    }
    if (whenClosed.length === 0) request.signal.addEventListener('abort', () => abandon(exchange), { once: true });
    whenClosed.push(callback);
  },

  hasHeaders: ({ hasResponded }) => hasResponded,
  setHeader: ({ headers }, name, value) => headers.set(name, value),
  appendHeader: ({ headers }, name, value) => headers.append(name, value),
  setsCookies: ({ headers }) => headers.has('set-cookie'),
  send: (exchange, status, body) => {
    respond(exchange, status, body === '' || NO_BODY.has(status) ? null : body);
    close(exchange, true);
  },
  beginStream: (exchange, status) => {
    const hasBody = !NO_BODY.has(status);
    respond(exchange, status, hasBody ? streamOf(exchange) : null);
    if (exchange.isClosed) exchange.stream?.error(exchange.request.signal.reason);
    else if (!hasBody) close(exchange, false);
  },
  write: ({ stream, isClosed }, part) => {
    if (stream === undefined || isClosed) return false;
    stream.enqueue(typeof part === 'string' ? encoder.encode(part) : part);
    return (stream.desiredSize ?? 0) > 0;
  },
  drained: (exchange) =>
    new Promise((resolve) => {
      if (exchange.isClosed) resolve();
      else exchange.whenDrained = resolve;
    }),
  endStream: (exchange) => {
    if (exchange.isClosed) return;
    exchange.stream?.close();
    close(exchange, true);
  },
  destroy: (exchange) => {
    if (exchange.isClosed) return;
    exchange.stream?.error(new Error('The answer was not read for too long.'));
    close(exchange, false);
  },
});
