import { initTRPC } from '@trpc/server';
import * as auth from 'latchkey/server';
import type { Reason } from 'latchkey/shared';
import type { AppContext } from './context.ts';

const t = initTRPC.context<AppContext>().meta<auth.ProcedureMeta>().create(auth.trpcOptions<Reason>());

export const { router, createCallerFactory } = t;

/** Only with a valid access token: `ctx.user` is who calls. */
export const protectedProcedure = t.procedure.concat(auth.protectedProcedure);
