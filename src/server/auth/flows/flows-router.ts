import type { TRPCRouterRecord } from '@trpc/server';
import type { PendingStep, SignInMethods } from '../../../shared/auth/index.ts';
import { cookieProcedure, publicProcedure } from '../trpc/procedures.ts';
import { flowCookieSlot } from './flow-cookie.ts';
import { pendingStepsSlot } from './pending-steps.ts';
import { signInMethodsSlot } from './sign-in-methods.ts';

/** What a page of signing in asks before it shows anything. */
export const flowsProcedures = {
  methods: publicProcedure.query(({ ctx }): SignInMethods => signInMethodsSlot.of(ctx.auth)()),

  pending: cookieProcedure.mutation(async ({ ctx }): Promise<PendingStep | { next: null }> => {
    const cookie = flowCookieSlot.of(ctx.auth);
    const browser = cookie.read(ctx.cookies);
    const step = browser && (await pendingStepsSlot.of(ctx.auth).of(browser));
    if (!step) return { next: null };
    cookie.write(ctx.cookies);
    return step;
  }),
} satisfies TRPCRouterRecord;
