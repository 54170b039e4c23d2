import { pino } from 'pino';
import { run } from './run.ts';

/** A server whose app has two defects: something that it started throws, or rejects, after the request was answered. */
await run({
  mode: 'development',
  logDestination: pino.destination(1),
  createWebApp: async () => ({
    handler: (req, res) => {
      res.end('answered');
      if (req.path === '/throws') {
        setImmediate(() => {
          throw new Error('nobody catches this');
        });
      }
      if (req.path === '/rejects') void Promise.reject(new Error('nobody waits for this'));
    },
    close: () => Promise.resolve(),
  }),
  announce: () => {},
});
