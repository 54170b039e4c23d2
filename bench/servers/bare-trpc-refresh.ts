import { initTRPC, TRPCError } from '@trpc/server';
import { type CreateExpressContextOptions, createExpressMiddleware } from '@trpc/server/adapters/express';
import cookieParser from 'cookie-parser';
import express from 'express';
import { openHandWrittenSessions } from './hand-written-sessions.ts';
import { serve } from './serve.ts';

/** The refresh that costs the least as mutations of bare tRPC on its own Express adapter: the floor of the stack. */
const sessions = await openHandWrittenSessions();

const t = initTRPC.context<CreateExpressContextOptions>().create();

const router = t.router({
  login: t.procedure.mutation(({ ctx: { res } }) => sessions.start(res)),
  refresh: t.procedure.mutation(async ({ ctx: { req, res } }) => {
    const grant = await sessions.refresh(req, res);
    if (grant === undefined) throw new TRPCError({ code: 'UNAUTHORIZED' });
    return grant;
  }),
});

const app = express();
app.use(cookieParser());
app.use('/api/trpc', createExpressMiddleware({ router, createContext: (options) => options }));
serve(app);
