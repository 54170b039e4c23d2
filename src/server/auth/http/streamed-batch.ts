import type { AnyRouter, inferRouterContext } from '@trpc/server';
import { type ResponseMetaFn, resolveResponse } from '@trpc/server/http';
import type { Caller } from './answer-calls.ts';
import type { Host } from './host.ts';
import type { CallRequest } from './request-info.ts';
import type { UnreadAnswers } from './unread-answers.ts';

/** What tRPC reads of a request's head. Nothing else of it may choose how the request is read. */
const READ_BY_TRPC = ['accept', 'trpc-accept', 'last-event-id'] as const;

const TRPC_VARY = /^trpc-accept, accept(?:, )?/;

const textOf = (body: unknown): string | Uint8Array<ArrayBuffer> | null => {
  if (body instanceof Uint8Array) return new Uint8Array(body);
  return typeof body === 'string' ? body : body === undefined ? null : JSON.stringify(body);
};

/** The request as tRPC takes it, made of what the guard has looked at: without a host, and with no type but JSON. */
const toWebRequest = ({ calls, method, header, payload, departure }: CallRequest): Request => {
  const headers = new Headers();
  for (const name of READ_BY_TRPC) {
    const value = header(name);
    if (value !== undefined) headers.set(name, value);
  }
  const isPost = method === 'POST';
  if (isPost) headers.set('content-type', 'application/json');
  return new Request(`http://localhost/?${calls.query.toString()}`, {
    method,
    headers,
    signal: departure.signal,
    body: isPost ? textOf(payload.body) : null,
  });
};

export interface StreamingOptions<TRouter extends AnyRouter> {
  router: TRouter;
  responseMeta: ResponseMetaFn<TRouter> | undefined;
  allowBatching: boolean;
  allowMethodOverride: boolean;
  maxBatchSize: number;
}

/** The answers of a batch that are sent as they come (`httpBatchStreamLink`), made by tRPC itself. */
export const streamBatch = <TRouter extends AnyRouter>(
  { router, responseMeta, ...options }: StreamingOptions<TRouter>,
  request: CallRequest,
  caller: Caller<inferRouterContext<TRouter>>,
): Promise<Response> =>
  resolveResponse<TRouter>({
    ...options,
    ...(responseMeta !== undefined && { responseMeta }),
    router,
    req: toWebRequest(request),
    path: request.calls.path,
    error: null,
    createContext: ({ info }) => caller.createContext(info),
    onError: ({ error, type, path, input, ctx }) => caller.onError({ error, type, path, input, ctx }),
  });

/** The parts of tRPC's answer; null where it refuses the whole request, in one piece. */
export const partsOf = ({ headers, body }: Response): ReadableStream<Uint8Array> | null =>
  headers.has('transfer-encoding') ? body : null;

/** What the app has added to tRPC's answer. */
export const addedHeadersOf = (response: Response): Headers => {
  const headers = new Headers(response.headers);
  headers.delete('content-type');
  headers.delete('transfer-encoding'); // It is for the host to say.
  const vary = headers.get('vary')?.replace(TRPC_VARY, '') ?? '';
  if (vary === '') headers.delete('vary');
  else headers.set('vary', vary);
  return headers;
};

export interface SendPartsOptions<TExchange> {
  unread: UnreadAnswers<TExchange>;
  /**
   * How many bytes may wait for the client before no more is read: the results of a batch wait in memory in any case.
   */
  readAhead: number;
}

/** Sends the parts of a stream as they come. */
export const sendParts = async <TExchange>(
  host: Host<TExchange>,
  exchange: TExchange,
  parts: ReadableStream<Uint8Array>,
  { unread, readAhead }: SendPartsOptions<TExchange>,
): Promise<void> => {
  const reader = parts.getReader();
  host.onClose(exchange, () => {
    reader.cancel().catch(() => {});
  });
  let ahead = 0;
  let drained: Promise<void> | undefined;
  for (;;) {
    const { done, value } = await reader.read();
    if (done || host.isDisconnected(exchange)) break;
    if (host.write(exchange, value)) continue;
    ahead += value.length;
    unread.add(exchange, value.length);
    drained ??= host.drained(exchange).then(() => {
      ahead = 0;
      drained = undefined;
      unread.clear(exchange);
    });
    if (ahead > readAhead) await drained;
  }
  host.endStream(exchange);
};
