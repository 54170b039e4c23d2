import { initTRPC, TRPCError } from '@trpc/server';
import { createExpressMiddleware } from '@trpc/server/adapters/express';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { fromNodeHeaders, toNodeHandler } from 'better-auth/node';
import express, { type Request } from 'express';
import pg from 'pg';
import { HOST_ANSWER } from './host-answer.ts';
import { serve } from './serve.ts';

/**
 * better-auth beside tRPC on Express, as its documentation shows both: the session is asked for in a middleware of the
 * procedure.
 */
const { DATABASE_URL, PUBLIC_URL = 'http://localhost', COOKIE_CACHE } = process.env;

const auth = betterAuth({
  baseURL: PUBLIC_URL,
  secret: 'a secret of the benchmarks, of more than 32 bytes',
  database: new pg.Pool({ connectionString: DATABASE_URL, max: 10 }),
  emailAndPassword: { enabled: true },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  session: { cookieCache: { enabled: COOKIE_CACHE === 'on' } },
});
await (await getMigrations(auth.options)).runMigrations();

const t = initTRPC.context<{ req: Request }>().create();

const protectedProcedure = t.procedure.use(async ({ ctx, next }) => {
  const session = await auth.api.getSession({ headers: fromNodeHeaders(ctx.req.headers) });
  if (session === null) throw new TRPCError({ code: 'UNAUTHORIZED' });
  return next({ ctx: { user: session.user } });
});

const router = t.router({ protected: protectedProcedure.query(() => HOST_ANSWER) });

const app = express();
app.all('/api/auth/*splat', toNodeHandler(auth));
app.use('/api/trpc', createExpressMiddleware({ router, createContext: ({ req }) => ({ req }) }));
serve(app);
