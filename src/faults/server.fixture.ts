import { pino } from 'pino';
import { readConfig } from '#server/config/config.ts';
import { startServer } from '#server/server.ts';

/**
 * The whole server in production but for its web app, in a process of its own: it can be killed. Says its port on
 * standard output.
 */
const result = readConfig(process.env, 'production');
if (!result.ok) throw new Error(result.problems.join('\n'));

const server = await startServer({
  config: { ...result.config, port: 0, host: '127.0.0.1' },
  log: pino({ level: 'error' }, pino.destination(2)),
  createWebApp: async () => ({ handler: (_req, _res, next) => next(), close: () => Promise.resolve() }),
});

process.on('message', () => {
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  process.send?.({ heapUsed, rss, handles: process.getActiveResourcesInfo().length });
});
process.on('disconnect', () => process.exit());

process.stdout.write(`${server.port}\n`);
