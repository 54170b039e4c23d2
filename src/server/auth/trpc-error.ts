import { TRPCError } from '@trpc/server';

/**
 * Whether an error is tRPC's. One process may have two copies of `@trpc/server`, an app's and ours, or one for `import`
 * and one for `require`: they know each other's errors by the name.
 */
export const isTRPCError = (error: unknown): error is TRPCError =>
  error instanceof TRPCError || (error instanceof Error && error.name === 'TRPCError' && 'code' in error);
