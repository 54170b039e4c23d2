import { TRPCError, type TRPCRouterRecord } from '@trpc/server';
import { z } from 'zod/v4';
import { protectedProcedure } from '../trpc/procedures.ts';
import { sessionsSlot } from './sessions.ts';

const revokeInput = z.strictObject({
  id: z
    .string()
    .max(64)
    .regex(/^[^\0]*$/),
});

export const sessionsProcedures = {
  list: protectedProcedure.query(({ ctx }) => sessionsSlot.of(ctx.auth).list(ctx.user)),

  revoke: protectedProcedure.input(revokeInput).mutation(async ({ ctx, input }): Promise<{ ok: true }> => {
    const isKnown = await sessionsSlot.of(ctx.auth).revokeOwn(ctx.request, ctx.user, input.id);
    if (!isKnown) throw new TRPCError({ code: 'NOT_FOUND', message: 'There is no such session.' });
    return { ok: true };
  }),

  revokeOthers: protectedProcedure.mutation(
    async ({ ctx }): Promise<{ revoked: number }> => ({
      revoked: await sessionsSlot.of(ctx.auth).revokeOthers(ctx.request, ctx.user),
    }),
  ),
} satisfies TRPCRouterRecord;
