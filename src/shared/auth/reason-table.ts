import type { TRPC_ERROR_CODE_KEY } from '@trpc/server';

/** What goes with each reason: tRPC's code, and the sentence that a person reads. */
export type ReasonTable<TReason extends string> = Readonly<
  Record<TReason, { readonly code: TRPC_ERROR_CODE_KEY; readonly message: string }>
>;
