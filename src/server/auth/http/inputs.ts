import { type AnyRouter, TRPCError } from '@trpc/server';
import { isTRPCError } from '../trpc-error.ts';
import type { Calls } from './calls.ts';
import { readForm } from './form-upload.ts';
import type { Payload } from './guard.ts';

/** The inputs of a request's calls, read when the first of them asks, and once. */
export interface Inputs {
  /** @throws TRPCError `BAD_REQUEST` when they cannot be read, to each call that asks. */
  read(): Promise<readonly unknown[]>;
  /** What has been read so far. */
  known(): readonly unknown[] | undefined;
}

export interface InputSource {
  router: AnyRouter;
  method: string;
  calls: Calls;
  payload: Payload;
}

const decoder = new TextDecoder();

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const unreadable = (cause: unknown): TRPCError => {
  if (isTRPCError(cause)) return cause;
  const message = cause instanceof Error ? cause.message : 'Invalid input';
  return new TRPCError({ code: 'BAD_REQUEST', message, cause });
};

/** The JSON of a request: of its address, or of its body. Undefined when the address has none. */
const readJson = ({ method, calls, payload: { body } }: InputSource): unknown => {
  if (method === 'GET') {
    const text = calls.query.get('input');
    return text === null || text === '' ? undefined : JSON.parse(text);
  }
  if (body instanceof Uint8Array) return JSON.parse(decoder.decode(body));
  return body === undefined || typeof body === 'string' ? JSON.parse(body ?? '') : body;
};

const readInputs = (source: InputSource): readonly unknown[] => {
  const { calls, router } = source;
  const { input: transformer } = router._def._config.transformer;
  const json = readJson(source);
  if (json === undefined) return [];
  if (!calls.isBatch) return [transformer.deserialize(json)];
  if (!isObject(json)) {
    throw new TRPCError({
      code: 'BAD_REQUEST',
      message: '"input" needs to be an object when doing a batch call',
    });
  }
  return calls.procedures.map((_name, index): unknown => {
    const input = json[index];
    return input === undefined ? undefined : transformer.deserialize(input);
  });
};

/** An upload is one input: a form, or a stream of bytes. */
const readUpload = async ({ uploadType, body }: Payload): Promise<readonly unknown[]> => {
  const bytes = body instanceof Uint8Array ? new Uint8Array(body) : undefined;
  if (uploadType === null || bytes === undefined) throw new TRPCError({ code: 'BAD_REQUEST' });
  return [uploadType.startsWith('multipart/') ? await readForm(bytes, uploadType) : new Response(bytes).body];
};

export const createInputs = (source: InputSource): Inputs => {
  let reading: Promise<readonly unknown[]> | undefined;
  let known: readonly unknown[] | undefined;
  const read = async (): Promise<readonly unknown[]> => {
    try {
      known = source.payload.uploadType === null ? readInputs(source) : await readUpload(source.payload);
      return known;
    } catch (cause) {
      throw unreadable(cause);
    }
  };
  return {
    read: () => {
      reading ??= read();
      return reading;
    },
    known: () => known,
  };
};

/** What a subscription is given beside its input: where to go on. As tRPC puts it there. */
export const withLastEventId = (input: unknown, lastEventId: string | null | undefined): unknown => {
  if (lastEventId === undefined || lastEventId === null || lastEventId === '') return input;
  return isObject(input) ? { ...input, lastEventId } : (input ?? { lastEventId });
};
