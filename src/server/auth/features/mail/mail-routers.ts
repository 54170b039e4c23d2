import type { TRPCRouterRecord } from '@trpc/server';
import { changeEmailInput, revertEmailInput, verifyEmailInput } from '../../../../shared/auth/features/mail.ts';
import { finishingProcedure } from '../../flows/count-failures.ts';
import { freshProcedure } from '../../trpc/fresh.ts';
import { protectedProcedure } from '../../trpc/procedures.ts';
import { linksOf } from './link-service.ts';

/** What mailed links are answered with, and what asks for them. */
export const mailRouters = {
  auth: {
    verifyEmail: finishingProcedure
      .meta({ policy: 'public', feature: 'mail' })
      .input(verifyEmailInput)
      .mutation(({ ctx, input }) => linksOf(ctx.auth).verifyEmail(ctx, input)),

    revertEmail: finishingProcedure
      .meta({ policy: 'public', feature: 'mail' })
      .input(revertEmailInput)
      .mutation(async ({ ctx: { auth, request }, input }): Promise<{ ok: true }> => {
        await linksOf(auth).revertEmail(request, input);
        return { ok: true };
      }),
  },
  user: {
    resendVerification: protectedProcedure
      .meta({ policy: 'protected', feature: 'mail' })
      .mutation(async ({ ctx: { auth, request, user } }): Promise<{ ok: true }> => {
        await linksOf(auth).resendVerification(request, user.id);
        return { ok: true };
      }),

    changeEmail: freshProcedure()
      .meta({ policy: 'fresh', feature: 'mail' })
      .input(changeEmailInput)
      .mutation(async ({ ctx: { auth, request, user }, input }): Promise<{ ok: true }> => {
        await linksOf(auth).changeEmail(request, user.id, input.email);
        return { ok: true };
      }),
  },
} satisfies TRPCRouterRecord;
