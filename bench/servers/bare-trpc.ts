import { initTRPC } from '@trpc/server';
import { createExpressMiddleware } from '@trpc/server/adapters/express';
import express from 'express';
import { HOST_ANSWER } from './host-answer.ts';
import { serve } from './serve.ts';

/** tRPC on Express as its documentation shows it, and nothing else: no log, no headers, no guard. */
const t = initTRPC.create();

const router = t.router({ public: t.procedure.query(() => HOST_ANSWER) });

const app = express();
app.use('/api/trpc', createExpressMiddleware({ router }));
serve(app);
