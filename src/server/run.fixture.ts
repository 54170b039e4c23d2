import { run } from './run.ts';

/**
 * A server whose app answers what was sent whole, and has two defects: something that it started throws, or rejects,
 * after the request was answered.
 */
await run({
  mode: process.env.MODE === 'production' ? 'production' : 'development',
  createWebApp: async () => ({
    handler: (req, res) => {
      req.resume().once('end', () => res.end('answered'));
      if (req.path === '/throws') {
        setImmediate(() => {
          throw new Error('nobody catches this');
        });
      }
      if (req.path === '/rejects') {
        for (let time = 0; time < Number(req.query.times ?? 1); time += 1) {
          void Promise.reject(new Error(`nobody waits for this${'!'.repeat(Number(req.query.marks ?? 0))}`));
        }
      }
    },
    close: () => Promise.resolve(),
  }),
  announce: () => {},
});
