import { isRecord } from '../internal/record.ts';
import type { Transformer } from '../wire/transformer.ts';
import type { HttpCall } from './http-calls.ts';

export interface ServerTransform {
  /** A call with its input as the procedure sees it. */
  read: (call: HttpCall) => HttpCall;
  data: (data: unknown) => unknown;
  /** tRPC's envelope of a result or an error, as it is sent. */
  envelope: (body: unknown) => unknown;
}

/** What a router with this transformer does to inputs and answers. */
export const serverTransform = (transformer: Transformer): ServerTransform => {
  const { input, output } = 'input' in transformer ? transformer : { input: transformer, output: transformer };
  const data = (value: unknown): unknown => output.serialize(value);
  return {
    read: (call) => (call.input === undefined ? call : { ...call, input: input.deserialize(call.input) as unknown }),
    data,
    envelope(body) {
      if (!isRecord(body)) return body;
      if (isRecord(body['result'])) return { result: { ...body['result'], data: data(body['result']['data']) } };
      return 'error' in body ? { error: data(body['error']) } : body;
    },
  };
};
