import { TRPCError, type TRPCRouterRecord } from '@trpc/server';
import { z } from 'zod/v4';
import { FRESH_MAX_AGE, freshProcedure, isFresh, requireFresh } from '../trpc/fresh.ts';
import { markGate } from '../trpc/gate-marks.ts';
import { protectedProcedure } from '../trpc/procedures.ts';
import { sessionsSlot } from './sessions.ts';

const revokeInput = z.strictObject({
  id: z
    .string()
    .max(64)
    .regex(/^[^\0]*$/),
});

/** The input comes first: whoever ends the session that calls is asked for nothing. */
const revokeProcedure = markGate(
  'fresh',
  protectedProcedure
    .meta({ policy: 'fresh' })
    .input(revokeInput)
    .use(async ({ ctx, input, path, next }) => {
      const { auth, user } = ctx;
      const isFree = isFresh(ctx, FRESH_MAX_AGE) || (await sessionsSlot.of(auth).isCurrent(user, input.id));
      if (!isFree) requireFresh(ctx, path, FRESH_MAX_AGE);
      return await next();
    }),
);

export const sessionsProcedures = {
  list: protectedProcedure.query(({ ctx }) => sessionsSlot.of(ctx.auth).list(ctx.user)),

  revoke: revokeProcedure.mutation(async ({ ctx, input }): Promise<{ ok: true }> => {
    const isKnown = await sessionsSlot.of(ctx.auth).revokeOwn(ctx.request, ctx.user, input.id);
    if (!isKnown) throw new TRPCError({ code: 'NOT_FOUND', message: 'There is no such session.' });
    return { ok: true };
  }),

  revokeOthers: freshProcedure().mutation(
    async ({ ctx }): Promise<{ revoked: number }> => ({
      revoked: await sessionsSlot.of(ctx.auth).revokeOthers(ctx.request, ctx.user),
    }),
  ),
} satisfies TRPCRouterRecord;
