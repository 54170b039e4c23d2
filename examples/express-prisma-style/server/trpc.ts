import { initTRPC } from '@trpc/server';
import * as latchkey from 'latchkey/server';
import superjson from 'superjson';
import { auth } from './auth.ts';

const t = initTRPC
  .context<latchkey.AuthContext>()
  .meta<latchkey.ProcedureMeta>()
  .create(latchkey.trpcOptions({ auth, transformer: superjson }));

export const { router } = t;
export const protectedProcedure = t.procedure.concat(latchkey.protectedProcedure);
