import { initTRPC } from '@trpc/server';
import * as latchkey from 'latchkey/server';
import { auth } from './auth.ts';

const t = initTRPC
  .context<latchkey.AuthContext>()
  .meta<latchkey.ProcedureMeta>()
  .create(latchkey.trpcOptions({ auth }));

const protectedProcedure = t.procedure.concat(latchkey.protectedProcedure);

export const appRouter = t.router({
  ...auth.routers,
  hello: protectedProcedure.query(async ({ ctx }) => {
    const user = await auth.findUser(ctx.user.id);
    return `Hello, ${user?.username}`;
  }),
});

export type AppRouter = typeof appRouter;
