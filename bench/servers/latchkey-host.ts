import { pino } from 'pino';
import { coreRouters, protectedProcedure, publicProcedure, router } from '../../src/server/auth/index.ts';
import { readConfig } from '../../src/server/config/config.ts';
import { createLog } from '../../src/server/log/log.ts';
import { startServer } from '../../src/server/server.ts';
import { HOST_ANSWER } from './host-answer.ts';

/**
 * The production server with two procedures in place of the app's, one public and one protected, which do nothing: what
 * they cost is the way to them. The app itself has no public query. The core's procedures are there since no server
 * starts without them.
 */
const hostRouter = router({
  ...coreRouters,
  public: publicProcedure.query(() => HOST_ANSWER),
  protected: protectedProcedure.query(() => HOST_ANSWER),
});

const result = readConfig(process.env, 'production');
if (!result.ok) throw new Error(result.problems.join('\n'));
const { config } = result;

await startServer({
  config,
  log: createLog({ level: config.logLevel, destination: pino.destination(1) }),
  router: hostRouter,
  createWebApp: async () => ({ handler: (_req, _res, next) => next(), close: () => Promise.resolve() }),
});
