import { TRPCError } from '@trpc/server';
import { reasonOf, refusalOf } from '#server/auth/refusal.ts';

/** What a call is refused with: its reason, or tRPC's code. */
export const refusal = async (call: Promise<unknown>): Promise<string> => {
  const error = await call.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (!(error instanceof TRPCError)) throw new Error(`Expected a refusal, got ${String(error)}`);
  const cause = refusalOf(error)?.details.cause;
  return [reasonOf(error) ?? error.code, cause].filter(Boolean).join(': ');
};
