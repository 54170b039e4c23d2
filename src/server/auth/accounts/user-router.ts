import type { TRPCRouterRecord } from '@trpc/server';
import type { AccountExport, User } from '../../../shared/auth/index.ts';
import { refuse } from '../refusal.ts';
import { freshProcedure } from '../trpc/fresh.ts';
import { protectedProcedure } from '../trpc/procedures.ts';
import { accountsSlot } from './accounts.ts';
import { exportAccountSlot } from './export-account.ts';

export const userProcedures = {
  me: protectedProcedure.query(async ({ ctx }): Promise<User> => {
    const user = await accountsSlot.of(ctx.auth).find(ctx.user.id);
    // The account is gone, and its sessions with it: the token is the last that is left of it.
    if (user === undefined) throw refuse('session_revoked', { cause: 'account_deleted' });
    return user;
  }),

  export: freshProcedure().query(
    ({ ctx: { auth, request, user } }): Promise<AccountExport> => exportAccountSlot.of(auth)(request, user.id),
  ),
} satisfies TRPCRouterRecord;
