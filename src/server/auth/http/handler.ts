import { randomUUID } from 'node:crypto';
import { type AnyRouter, getTRPCErrorFromUnknown, type inferRouterContext, TRPCError } from '@trpc/server';
import { getHTTPStatusCodeFromError, type TRPCRequestInfo } from '@trpc/server/http';
import { reasonOf, refusalOf, refuseUnavailable } from '../refusal.ts';
import type { StreamedAnswer } from '../request.ts';
import { startingSlot } from '../starting.ts';
import { containContext } from '../trpc/contain.ts';
import { keepWords, tagWithRequest } from '../trpc/error-formatter.ts';
import { type Answer, type Caller, createAnswering, type Failure } from './answer-calls.ts';
import { type Calls, readCalls, STREAMED } from './calls.ts';
import { setPreflightHeaders } from './cors.ts';
import { sendEvents } from './event-stream.ts';
import { guard, isBatchTooLarge, type Payload } from './guard.ts';
import type { HandlerOptions } from './handler-options.ts';
import { settingsOf } from './handler-settings.ts';
import type { Host } from './host.ts';
import { refusalBody } from './refusal-answer.ts';
import { createRequestContext } from './request-context.ts';
import { type CallRequest, isStreamed } from './request-info.ts';
import { keepRequestRecord, type RequestRecord, requestRecordOf } from './request-record.ts';
import { addMetaHeaders } from './response-meta.ts';
import { addedHeadersOf, partsOf, sendParts, streamBatch } from './streamed-batch.ts';
import { createUnreadAnswers } from './unread-answers.ts';

/** What is kept of a name that a client chose, for the log: a path may have 16 kB. */
const MAX_NAME = 100;

/** Below this, in characters, compressing saves no packet. */
const WORTH_COMPRESSING = 1024;

/** Shorter answers, in characters, fit into the buffers that each connection has anyway. */
const WORTH_COUNTING = 16_384;

/** What tRPC's answers depend on, beside the origin where some are listed. */
const VARY = 'trpc-accept, accept';

/** A request on its way through the handler. */
interface Handling<TExchange> {
  exchange: TExchange;
  record: RequestRecord;
  /** Unknown as long as they have not been read. */
  calls: Calls | undefined;
  departure: AbortController;
  /** Whether the departure is told of at the end of the answer too: a resolver may still wait for its next event. */
  endsAborted: boolean;
}

const batchTooLarge = (): TRPCError =>
  keepWords(
    new TRPCError({
      code: 'PAYLOAD_TOO_LARGE',
      message: 'The answers to this batch are too large to be sent together. Ask for less at a time.',
    }),
  );

/** What an operator has to know of: a bug, or why the store cannot be asked. */
const unexpectedCauseOf = (error: TRPCError): unknown =>
  error.code === 'INTERNAL_SERVER_ERROR' ? (error.cause ?? error) : refusalOf(error)?.cause;

const ofNoCall = (error: TRPCError): Failure => ({
  error,
  type: 'unknown',
  path: undefined,
  input: undefined,
  ctx: undefined,
});

/**
 * The stack over any host: a request passes the guard, then its calls are answered in the stack's context. Keeps a
 * `RequestRecord` of each request for the log.
 * @param compress is told of whole answers of some length to queries, before they are sent: never of a stream, nor of
 * what can hold a token.
 * @throws TypeError when the router and the auth do not fit each other, or an option is invalid.
 */
export const createHandler = <TExchange extends object, TRequest extends object, TRouter extends AnyRouter>(
  host: Host<TExchange, TRequest>,
  options: HandlerOptions<TRouter, TExchange, TRequest>,
  compress?: (exchange: TExchange) => void,
): ((exchange: TExchange) => Promise<void>) => {
  const { auth, router, responseMeta, createContext, onError, onUnexpectedError } = options;
  const { guard: guardOptions, allowedHeaders, answerLimits, allowBatching, allowMethodOverride } = settingsOf(options);
  const { maxBatchSize, origins } = guardOptions;
  const vary = origins.allowed.size > 0 ? `Origin, ${VARY}` : VARY;
  const starting = startingSlot.of(auth);
  const { _config: config } = router._def;
  const serialize = (value: unknown): unknown => config.transformer.output.serialize(value);
  const answering = { router, responseMeta, allowBatching, allowMethodOverride, maxBatchSize };
  const answerCalls = createAnswering(answering);
  const unread = createUnreadAnswers(host, answerLimits.process, (exchange) =>
    requestRecordOf(host.request(exchange))?.refusals.push('answer_unread'),
  );

  const begin = (exchange: TExchange): Handling<TExchange> => {
    const record = { id: host.requestId(exchange) ?? randomUUID(), procedures: [], refusals: [] };
    keepRequestRecord(host.request(exchange), record);
    host.setHeader(exchange, 'x-request-id', record.id);
    host.setHeader(exchange, 'Cache-Control', 'no-store');
    host.appendHeader(exchange, 'vary', vary);
    return { exchange, record, calls: undefined, departure: new AbortController(), endsAborted: false };
  };

  const noteError = ({ exchange, record }: Handling<TExchange>, failure: Failure): void => {
    const { error } = failure;
    tagWithRequest(error, record.id);
    record.refusals.push(reasonOf(error) ?? error.code);
    const retryAfter = refusalOf(error)?.details.retryAfter;
    if (retryAfter !== undefined && !host.hasHeaders(exchange)) {
      host.setHeader(exchange, 'Retry-After', String(retryAfter));
    }
    const cause = unexpectedCauseOf(error);
    if (cause !== undefined) onUnexpectedError?.(cause, record.id);
    onError?.({ ...failure, req: host.request(exchange) });
  };

  const sendWhole = ({ exchange }: Handling<TExchange>, status: number, body: string): void => {
    if (body.length > WORTH_COUNTING) unread.add(exchange, Buffer.byteLength(body));
    host.send(exchange, status, body);
  };

  const refuse = (handling: Handling<TExchange>, error: TRPCError): void => {
    noteError(handling, ofNoCall(error));
    const { exchange, calls } = handling;
    const known = calls !== undefined && isBatchTooLarge(calls, guardOptions) ? undefined : calls;
    host.setHeader(exchange, 'content-type', 'application/json');
    sendWhole(handling, getHTTPStatusCodeFromError(error), refusalBody(router, error, known));
  };

  const createCaller = (
    handling: Handling<TExchange>,
    streamed?: StreamedAnswer,
  ): Caller<inferRouterContext<TRouter>> => ({
    createContext: async (info: TRPCRequestInfo) => {
      const { exchange, record } = handling;
      // By what is called, whatever the guard made of the request.
      const isSoleCall = info.calls.length === 1 && info.accept !== STREAMED;
      try {
        const context = createRequestContext(host, exchange, { auth, record, isSoleCall, streamed });
        return createContext === undefined ? context : await createContext(context, exchange);
      } catch (error) {
        throw containContext(error);
      }
    },
    onError: (failure) => noteError(handling, failure),
  });

  const sendAnswer = async (handling: Handling<TExchange>, answer: Answer): Promise<void> => {
    const { exchange, calls, departure } = handling;
    if (answer.kind === 'whole') {
      const { length } = answer.body;
      // A mutation has been carried out, and is told so.
      if (length > answerLimits.batch && (calls?.procedures.length ?? 0) > 1 && !answer.hasEffects) {
        refuse(handling, batchTooLarge());
        return;
      }
      host.setHeader(exchange, 'content-type', 'application/json');
      if (answer.headers !== undefined) addMetaHeaders(host, exchange, answer.headers);
      // Where an attacker's text and a secret are compressed together, the length tells the secret (BREACH). Tokens are
      // answers to POST.
      if (length > WORTH_COMPRESSING && host.method(exchange) === 'GET') compress?.(exchange);
      sendWhole(handling, answer.status, answer.body);
      return;
    }
    handling.endsAborted = true;
    host.setHeader(exchange, 'content-type', 'text/event-stream');
    host.setHeader(exchange, 'x-accel-buffering', 'no');
    if (answer.headers !== undefined) addMetaHeaders(host, exchange, answer.headers);
    host.beginStream(exchange, answer.status);
    const { signal } = departure;
    await sendEvents(host, exchange, answer.events, { sse: config.sse ?? {}, serialize, signal, unread });
  };

  /** Batches that are streamed are tRPC's own business. */
  const answerStreamed = async (handling: Handling<TExchange>, request: CallRequest): Promise<void> => {
    const { exchange } = handling;
    const streamed: StreamedAnswer = {
      assertSendable: (part) => void JSON.stringify(serialize(part)),
      abandon: () => {
        handling.endsAborted = true;
      },
    };
    const response = await streamBatch(answering, request, createCaller(handling, streamed));
    const { status } = response;
    const headers = addedHeadersOf(response);
    const parts = partsOf(response);
    if (parts === null) {
      await sendAnswer(handling, { kind: 'whole', status, headers, body: await response.text(), hasEffects: true });
      return;
    }
    host.setHeader(exchange, 'content-type', 'application/json');
    addMetaHeaders(host, exchange, headers);
    host.beginStream(exchange, status);
    await sendParts(host, exchange, parts, { unread, readAhead: answerLimits.batch });
  };

  const answer = async (handling: Handling<TExchange>, calls: Calls, payload: Payload): Promise<void> => {
    const { exchange, departure } = handling;
    host.onClose(exchange, (isFinished) => {
      if (!isFinished || handling.endsAborted) departure.abort();
    });
    const request: CallRequest = {
      calls,
      payload,
      departure,
      method: host.method(exchange),
      target: host.target(exchange),
      header: (name) => host.header(exchange, name),
    };
    if (isStreamed(request)) await answerStreamed(handling, request);
    else await sendAnswer(handling, await answerCalls(request, createCaller(handling)));
  };

  return async (exchange) => {
    const handling = begin(exchange);
    const calls = readCalls(host.target(exchange));
    if (!calls.isUnreadable) handling.calls = calls;
    for (const name of calls.procedures.slice(0, maxBatchSize)) {
      handling.record.procedures.push(name.slice(0, MAX_NAME));
    }
    let payload: Payload;
    try {
      payload = await guard(host, exchange, calls, guardOptions);
    } catch (cause) {
      refuse(handling, getTRPCErrorFromUnknown(cause));
      return;
    }
    if (host.method(exchange) === 'OPTIONS') {
      const origin = host.header(exchange, 'origin');
      if (origin !== undefined && origins.allowed.has(origin)) setPreflightHeaders(host, exchange, allowedHeaders);
      host.send(exchange, 204, '');
      return;
    }
    try {
      await starting.pending();
    } catch (cause) {
      refuse(handling, refuseUnavailable(cause));
      return;
    }
    try {
      await answer(handling, calls, payload);
    } catch (cause) {
      // Something of the app's own has failed, as `responseMeta` may. What a host would say of it may be a stack.
      if (host.hasHeaders(exchange)) throw cause;
      refuse(handling, getTRPCErrorFromUnknown(cause));
    }
  };
};
