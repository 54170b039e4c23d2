import type { Express } from 'express';

/** Listens as the benchmarks ask for, and says that it is ready by answering `/ready`. */
export const serve = (app: Express): void => {
  app.disable('x-powered-by');
  app.get('/ready', (_req, res) => {
    res.send('ready');
  });
  app.listen(Number(process.env.PORT), process.env.HOST ?? '127.0.0.1');
};
