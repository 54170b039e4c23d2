import type { TRPCError } from '@trpc/server';

/** What a procedure's middlewares hand on: its data, or why there is none. */
export type Result = { ok: true; data: unknown } | { ok: false; error: TRPCError };
