import type { TRPCRouterRecord } from '@trpc/server';
import { deleteAccountInput } from '../../../shared/auth/account.ts';
import { freshCookieProcedure } from '../trpc/fresh.ts';
import { deleteAccountSlot } from './delete-account.ts';
import { sessionCookiesSlot } from './session-cookies.ts';

export const deletionProcedures = {
  deleteAccount: freshCookieProcedure()
    .input(deleteAccountInput)
    .mutation(async ({ ctx, input }): Promise<{ ok: true }> => {
      const { auth, request, cookies, user } = ctx;
      await deleteAccountSlot.of(auth)(request, user.id, input.confirm);
      sessionCookiesSlot.of(auth).clearSession(cookies);
      return { ok: true };
    }),
} satisfies TRPCRouterRecord;
