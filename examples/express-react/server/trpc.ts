import { initTRPC } from '@trpc/server';
import * as latchkey from 'latchkey/server';
import { auth } from './auth.ts';

const t = initTRPC
  .context<latchkey.AuthContext>()
  .meta<latchkey.ProcedureMeta>()
  .create(latchkey.trpcOptions({ auth }));

export const { router } = t;
export const publicProcedure = t.procedure.concat(latchkey.publicProcedure);
export const protectedProcedure = t.procedure.concat(latchkey.protectedProcedure);
