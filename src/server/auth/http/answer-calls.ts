import {
  type AnyRouter,
  getTRPCErrorFromUnknown,
  getTRPCErrorShape,
  type inferRouterContext,
  type inferRouterError,
  TRPCError,
} from '@trpc/server';
import type { ResponseMetaFn, TRPCRequestInfo } from '@trpc/server/http';
import { isObservable, observableToAsyncIterable } from '@trpc/server/observable';
import { type Entry, statusOf } from './answer-entries.ts';
import { abortAfter, checkPings, type Events } from './events.ts';
import { type CallInfo, type CallRequest, proceduresOf, readInfo } from './request-info.ts';
import { headersOfMeta, statusOfMeta } from './response-meta.ts';
import { isDataStream, isIterableLater } from './streamed-kinds.ts';

/** What is to be sent. */
export type Answer =
  | { kind: 'whole'; status: number; headers: Headers | undefined; body: string; hasEffects: boolean }
  | { kind: 'events'; status: number; headers: Headers | undefined; events: Events };

/** An error as `onError` is told of it. */
export interface Failure {
  error: TRPCError;
  type: TRPCRequestInfo['type'];
  path: string | undefined;
  input: unknown;
  ctx: unknown;
}

export interface AnsweringOptions<TRouter extends AnyRouter> {
  router: TRouter;
  responseMeta: ResponseMetaFn<TRouter> | undefined;
  allowBatching: boolean;
  allowMethodOverride: boolean;
}

/** What answering asks of the handler, which has the request. */
export interface Caller<TContext> {
  createContext(info: TRPCRequestInfo): Promise<TContext>;
  onError(failure: Failure): void;
}

type Settled<TValue> = { ok: true; value: TValue } | { ok: false; error: TRPCError };

/** A request on its way through this file. */
interface Run<TContext> {
  request: CallRequest;
  caller: Caller<TContext>;
  info: TRPCRequestInfo | undefined;
  context: Settled<TContext> | undefined;
}

const settle = async <TValue>(promise: Promise<TValue>): Promise<Settled<TValue>> => {
  try {
    return { ok: true, value: await promise };
  } catch (cause) {
    return { ok: false, error: getTRPCErrorFromUnknown(cause) };
  }
};

const contextOf = <TContext>({ context }: Run<TContext>): TContext | undefined =>
  context?.ok === true ? context.value : undefined;

const typeOf = ({ procedure }: CallInfo): TRPCRequestInfo['type'] => procedure?._def.type ?? 'unknown';

const streamInWhole = (): TRPCError =>
  new TRPCError({
    code: 'UNSUPPORTED_MEDIA_TYPE',
    message: 'Cannot use stream-like response in non-streaming request - use httpBatchStreamLink',
  });

// oxlint-disable-next-line require-yield -- it fails in place of its first event
async function* failing(error: TRPCError): AsyncGenerator<never> {
  throw error;
}

/**
 * Answers the calls of a request as tRPC's adapters do, in the same words, without the web request, response and
 * streams that these make of each. Batches that are streamed are tRPC's own (`streamed-batch.ts`).
 */
export const createAnswering = <TRouter extends AnyRouter>(options: AnsweringOptions<TRouter>) => {
  type Context = inferRouterContext<TRouter>;
  type Shape = inferRouterError<TRouter>;
  const { router, responseMeta, allowBatching, allowMethodOverride } = options;
  const { _config: config } = router._def;
  const procedures = proceduresOf(router);

  const shapeOf = (
    run: Run<Context>,
    error: TRPCError,
    call: CallInfo | undefined,
    type: TRPCRequestInfo['type'],
  ): Shape =>
    // oxlint-disable-next-line typescript/no-unsafe-return -- it is what the app's formatter makes it
    getTRPCErrorShape({ config, error, type, path: call?.path, input: call?.result(), ctx: contextOf(run) });

  const serialize = (entry: Entry<Shape>): object => {
    const { output } = config.transformer;
    if (!('result' in entry)) {
      const error: unknown = output.serialize(entry.error);
      return { error };
    }
    const data: unknown = output.serialize(entry.result.data);
    return { result: { data } };
  };

  /** Status and headers, as the app changes them if it does. */
  const headOf = (run: Run<Context>, status: number, entries: Entry<Shape>[] | null, errors: TRPCError[]) => {
    if (responseMeta === undefined) return { status, headers: undefined };
    const { info } = run;
    const meta = responseMeta({
      ctx: contextOf(run),
      info,
      // oxlint-disable-next-line typescript/no-deprecated -- as long as tRPC gives them
      paths: info?.calls.map(({ path }) => path),
      data: entries ?? [],
      errors,
      eagerGeneration: entries === null,
      type: info?.calls.find(({ procedure }) => procedure !== null)?.procedure?._def.type ?? 'unknown',
    });
    return { status: statusOfMeta(meta) ?? status, headers: headersOfMeta(meta) };
  };

  const whole = (run: Run<Context>, entries: Entry<Shape>[], errors: TRPCError[], isBatch: boolean): Answer => {
    const [first = { result: { data: undefined } }] = entries;
    // Before anything else is said of it: it may turn out that it cannot be sent.
    const body = JSON.stringify(isBatch ? entries.map(serialize) : serialize(first));
    const { status, headers } = headOf(run, errors.length === 0 ? 200 : statusOf(entries), entries, errors);
    return { kind: 'whole', status, headers, body, hasEffects: run.info?.type !== 'query' };
  };

  /** What no call by itself is to blame for: what was asked for makes no sense, or the answer cannot be sent. */
  const failed = (run: Run<Context>, cause: unknown): Answer => {
    const error = getTRPCErrorFromUnknown(cause);
    const type = run.info?.type ?? 'unknown';
    run.caller.onError({ error, type, path: undefined, input: undefined, ctx: contextOf(run) });
    return whole(run, [{ error: shapeOf(run, error, undefined, type) }], [error], false);
  };

  const isMethodRight = (type: string, method: string): boolean =>
    method === 'POST' ? type === 'mutation' || allowMethodOverride : type !== 'mutation';

  const invoke = ({ request, info, context }: Run<Context>, call: CallInfo): Promise<unknown> => {
    const { procedure, path, getRawInput, batchIndex } = call;
    const { method, departure } = request;
    if (procedure === null) throw new TRPCError({ code: 'NOT_FOUND', message: `No procedure found on path "${path}"` });
    const { type } = procedure._def;
    if (!isMethodRight(type, method)) {
      const message = `Unsupported ${method}-request to ${type} procedure at path "${path}"`;
      throw new TRPCError({ code: 'METHOD_NOT_SUPPORTED', message });
    }
    if (type === 'subscription') {
      // tRPC takes every upload for a mutation, whose answer is whole: nobody would read the events.
      if (request.payload.uploadType !== null) throw streamInWhole();
      if (info?.isBatchCall) throw new TRPCError({ code: 'BAD_REQUEST', message: 'Cannot batch subscription calls' });
      abortAfter(departure, config.sse?.maxDurationMs);
    }
    if (context?.ok === false) throw context.error;
    return procedure({ path, getRawInput, ctx: context?.value, type, signal: departure.signal, batchIndex });
  };

  const perform = async (run: Run<Context>, call: CallInfo): Promise<Settled<unknown>> => {
    try {
      return { ok: true, value: await invoke(run, call) };
    } catch (cause) {
      const error = getTRPCErrorFromUnknown(cause);
      run.caller.onError({ error, type: typeOf(call), path: call.path, input: call.result(), ctx: contextOf(run) });
      return { ok: false, error };
    }
  };

  const answerOne = (
    run: Run<Context>,
    call: CallInfo,
    result: Settled<unknown>,
    type: TRPCRequestInfo['type'],
  ): Answer => {
    if (!result.ok) return whole(run, [{ error: shapeOf(run, result.error, call, type) }], [result.error], false);
    if (isDataStream(result.value)) throw streamInWhole();
    return whole(run, [{ result: { data: result.value } }], [], false);
  };

  const answerBatch = (run: Run<Context>, calls: readonly CallInfo[], results: readonly Settled<unknown>[]): Answer => {
    const errors: TRPCError[] = [];
    const entries = calls.map((call, index): Entry<Shape> => {
      const result = results[index];
      const error = result?.ok === false ? result.error : isDataStream(result?.value) ? streamInWhole() : undefined;
      if (error === undefined) return { result: { data: result?.ok === true ? result.value : undefined } };
      errors.push(error);
      return { error: shapeOf(run, error, call, typeOf(call)) };
    });
    return whole(run, entries, errors, true);
  };

  const sourceOf = (result: Settled<unknown>, path: string, signal: AbortSignal): AsyncIterable<unknown> => {
    if (!result.ok) return failing(result.error);
    if (config.sse?.enabled === false) {
      const message = 'Missing experimental flag "sseSubscriptions"';
      return failing(new TRPCError({ code: 'METHOD_NOT_SUPPORTED', message }));
    }
    if (isObservable(result.value)) return observableToAsyncIterable(result.value, signal);
    if (isIterableLater(result.value)) return result.value;
    const message = `Subscription ${path} did not return an observable or a AsyncGenerator`;
    return failing(new TRPCError({ code: 'INTERNAL_SERVER_ERROR', message }));
  };

  const answerEvents = (run: Run<Context>, call: CallInfo, result: Settled<unknown>): Answer => {
    checkPings(config.sse);
    const type = typeOf(call);
    const describe = (cause: unknown): unknown => {
      const error = getTRPCErrorFromUnknown(cause);
      const isTold = !result.ok && error === result.error;
      if (!isTold) {
        run.caller.onError({ error, type, path: call.path, input: call.result(), ctx: contextOf(run) });
      }
      return shapeOf(run, error, call, type);
    };
    const events = { source: sourceOf(result, call.path, run.request.departure.signal), describe };
    return { kind: 'events', events, ...headOf(run, 200, null, []) };
  };

  const answer = async (run: Run<Context>): Promise<Answer> => {
    const info = readInfo(router, procedures, run.request);
    run.info = info;
    if (info.isBatchCall && !allowBatching) {
      throw new TRPCError({ code: 'BAD_REQUEST', message: 'Batching is not enabled on the server' });
    }
    run.context = await settle(run.caller.createContext(info));
    const [first] = info.calls;
    if (info.isBatchCall || first === undefined) {
      return answerBatch(run, info.calls, await Promise.all(info.calls.map((call) => perform(run, call))));
    }
    const result = await perform(run, first);
    return info.type === 'subscription' ? answerEvents(run, first, result) : answerOne(run, first, result, info.type);
  };

  return async (request: CallRequest, caller: Caller<Context>): Promise<Answer> => {
    const run: Run<Context> = { request, caller, info: undefined, context: undefined };
    try {
      return await answer(run);
    } catch (cause) {
      return failed(run, cause);
    }
  };
};
