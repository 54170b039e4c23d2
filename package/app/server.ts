import { initTRPC } from '@trpc/server';
import express from 'express';
import { createExpressHandler } from 'latchkey/express';
import * as latchkey from 'latchkey/server';
import { type AuthContext, createAuth, fromEnv, type ProcedureMeta, trpcOptions } from 'latchkey/server';
import { passwords } from 'latchkey/server/passwords';
import { sqlite } from 'latchkey/sqlite';
import superjson from 'superjson';

export const auth = createAuth({ ...fromEnv(), database: sqlite('app.sqlite'), features: [passwords()] });
const t = initTRPC
  .context<AuthContext>()
  .meta<ProcedureMeta>()
  .create(trpcOptions({ auth, transformer: superjson }));
export const publicProcedure = t.procedure.concat(latchkey.publicProcedure);
export const protectedProcedure = t.procedure.concat(latchkey.protectedProcedure);
export const appRouter = t.router({
  ...auth.routers,
  hello: publicProcedure.query(() => 'Hello'),
  whoAmI: protectedProcedure.query(({ ctx }) => ctx.user.id),
});
export type AppRouter = typeof appRouter;

export const app = express();
app.use('/trpc', createExpressHandler({ auth, router: appRouter }));

/** An app's own reasons, and a gate of its own. */
export const refuse = latchkey.createRefuse({
  plan_required: { code: 'FORBIDDEN', message: 'Upgrade to a paid plan.' },
});
export const adminProcedure = t.procedure.concat(latchkey.roleProcedure('admin'));
