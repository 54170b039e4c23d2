import type { TRPCErrorShape } from '@trpc/server';
import { getHTTPStatusCode } from '@trpc/server/http';

/** What is answered to one call, before the transformer has seen it. */
export type Entry<TShape> = { result: { data: unknown } } | { error: TShape };

const OK = { result: { data: undefined } };

const isShape = (shape: unknown): shape is TRPCErrorShape => typeof shape === 'object' && shape !== null;

/** The status that tells of all entries, as tRPC chooses it: 207 where they differ. */
export const statusOf = (entries: readonly Entry<unknown>[]): number =>
  getHTTPStatusCode(entries.map((entry) => ('error' in entry && isShape(entry.error) ? { error: entry.error } : OK)));
