import type { TRPCRouterRecord } from '@trpc/server';

type Intersect<TUnion> = (TUnion extends unknown ? (value: TUnion) => void : never) extends (value: infer TAll) => void
  ? TAll
  : never;

/** The records of several features as one: they may add to the same router, and never share a path. */
export type MergedRouters<TRecord extends TRPCRouterRecord> = Intersect<TRecord>;

const isRecord = (value: unknown): value is TRPCRouterRecord => typeof value === 'object' && value !== null;

/** @throws TypeError naming a path that two of the records hold. */
export const mergeRouters = (records: readonly TRPCRouterRecord[], path = ''): TRPCRouterRecord => {
  const merged: Record<string, TRPCRouterRecord[string]> = {};
  for (const [name, value] of records.flatMap(Object.entries<TRPCRouterRecord[string]>)) {
    const here = path + name;
    const there = merged[name];
    if (there === undefined) merged[name] = value;
    else if (isRecord(there) && isRecord(value)) merged[name] = mergeRouters([there, value], `${here}.`);
    else throw new TypeError(`Two features have a procedure ${here}.`);
  }
  return merged;
};
