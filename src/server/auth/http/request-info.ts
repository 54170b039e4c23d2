import { type AnyProcedure, type AnyRouter, TRPCError } from '@trpc/server';
import { parseConnectionParamsFromString, type TRPCRequestInfo } from '@trpc/server/http';
import { acceptedForm, type Calls, STREAMED } from './calls.ts';
import type { Payload } from './guard.ts';
import { createInputs, withLastEventId } from './inputs.ts';

/** A request that has passed the guard, as far as its calls are concerned. */
export interface CallRequest {
  calls: Calls;
  method: string;
  target: string;
  payload: Payload;
  /** A header of the request. */
  header(name: string): string | undefined;
  /** Aborts when nobody waits for the answer any more. */
  departure: AbortController;
}

export type CallInfo = TRPCRequestInfo['calls'][number];

/** By path. A prototype's names are none. */
export type Procedures = ReadonlyMap<string, AnyProcedure>;

const isProcedure = (value: unknown): value is AnyProcedure => typeof value === 'function' && '_def' in value;

export const proceduresOf = (router: AnyRouter): Procedures => {
  const procedures: unknown = router._def.procedures;
  const entries = Object.entries(procedures ?? {}).filter((entry): entry is [string, AnyProcedure] =>
    isProcedure(entry[1]),
  );
  return new Map(entries);
};

/** Whether the answers are to be sent as they come. */
export const isStreamed = ({ payload, header }: CallRequest): boolean =>
  payload.uploadType === null && acceptedForm(header('trpc-accept'), header('accept')) === STREAMED;

const lastEventIdOf = ({ header, calls: { query } }: CallRequest): string | null | undefined =>
  header('last-event-id') ?? query.get('lastEventId') ?? query.get('Last-Event-Id');

/** The one kind of all calls. An upload is taken for a mutation, whatever it calls. */
const kindOf = (calls: readonly CallInfo[]): TRPCRequestInfo['type'] => {
  let kind: TRPCRequestInfo['type'] = 'unknown';
  for (const { procedure } of calls) {
    if (procedure === null || procedure._def.type === kind) continue;
    if (kind !== 'unknown')
      throw new TRPCError({ code: 'BAD_REQUEST', message: 'Cannot mix procedure types in call.' });
    kind = procedure._def.type;
  }
  return kind;
};

/**
 * What tRPC would tell of the request: its calls, with the way to their inputs.
 * @throws TRPCError `BAD_REQUEST`, `PARSE_ERROR`
 */
export const readInfo = (router: AnyRouter, procedures: Procedures, request: CallRequest): TRPCRequestInfo => {
  const { calls, method, payload, target, departure } = request;
  const isUpload = payload.uploadType !== null;
  const inputs = createInputs({ router, method, calls, payload });
  const paths = isUpload ? [calls.procedures.join(',')] : calls.procedures;
  const infos = paths.map((path, batchIndex): CallInfo => {
    const procedure = procedures.get(path) ?? null;
    const isResumable = !isUpload && procedure?._def.type === 'subscription';
    return {
      path,
      batchIndex,
      procedure,
      getRawInput: async () => {
        const input = (await inputs.read())[batchIndex];
        return isResumable ? withLastEventId(input, lastEventIdOf(request)) : input;
      },
      result: () => inputs.known()?.[batchIndex],
    };
  });
  const type = isUpload ? 'mutation' : kindOf(infos);
  const connectionParams = isUpload ? null : calls.query.get('connectionParams');
  return {
    calls: infos,
    type,
    isBatchCall: calls.isBatch && !isUpload,
    accept: isStreamed(request) ? STREAMED : null,
    connectionParams: connectionParams === null ? null : parseConnectionParamsFromString(connectionParams),
    signal: departure.signal,
    get url() {
      return new URL(target, 'http://localhost');
    },
  };
};
