import type { TRPCRouterRecord } from '@trpc/server';
import type { FactorList } from '../../../shared/auth/index.ts';
import { createCoreSlot } from '../slot.ts';
import { protectedProcedure } from '../trpc/procedures.ts';
import type { AccountHooks } from './account-hooks.ts';

export const accountHooksSlot = createCoreSlot<AccountHooks>('account-hooks');

export const factorsProcedures = {
  /** What one can prove by who one is. What no feature given knows of is empty. */
  list: protectedProcedure.query(
    ({ ctx: { auth, user } }): Promise<FactorList> => accountHooksSlot.of(auth).describe(user.id),
  ),
} satisfies TRPCRouterRecord;
