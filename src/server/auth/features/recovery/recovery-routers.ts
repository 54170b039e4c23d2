import type { TRPCRouterRecord } from '@trpc/server';
import { requestPasswordResetInput, resetPasswordInput } from '../../../../shared/auth/features/recovery.ts';
import { finishingProcedure } from '../../flows/count-failures.ts';
import { sessionCookiesSlot } from '../../sessions/session-cookies.ts';
import { cookieProcedure } from '../../trpc/procedures.ts';
import { recoveryOf } from './recovery-service.ts';

export const recoveryRouters = {
  auth: {
    /** The same answer whoever it is, at once. */
    requestPasswordReset: cookieProcedure
      .meta({ policy: 'public', feature: 'recovery' })
      .input(requestPasswordResetInput)
      .mutation(async ({ ctx: { auth, request }, input }): Promise<{ ok: true }> => {
        await recoveryOf(auth).requestReset(request, input.email);
        return { ok: true };
      }),

    resetPassword: finishingProcedure
      .meta({ policy: 'public', feature: 'recovery' })
      .input(resetPasswordInput)
      .mutation(async ({ ctx: { auth, request, cookies }, input }): Promise<{ ok: true }> => {
        const device = sessionCookiesSlot.of(auth).readDevice(cookies);
        await recoveryOf(auth).resetPassword(request, input, device);
        return { ok: true };
      }),
  },
} satisfies TRPCRouterRecord;
