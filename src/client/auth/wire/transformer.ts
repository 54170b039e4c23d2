import type { TRPCCombinedDataTransformer, TRPCDataTransformer } from '@trpc/server';

/** A data transformer as tRPC takes one: superjson and the like, or one for inputs and another for outputs. */
export type Transformer = TRPCDataTransformer | TRPCCombinedDataTransformer;

const plain = (data: unknown): unknown => data;

/** Leaves data as JSON makes it: what tRPC does without a transformer. */
export const noTransformer: Transformer = { serialize: plain, deserialize: plain };

/** What transforms inputs. */
export const inputHalf = (transformer: Transformer): { serialize: (data: unknown) => unknown } =>
  'input' in transformer ? transformer.input : transformer;
