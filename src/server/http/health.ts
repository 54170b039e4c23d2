import { Router } from 'express';

export interface HealthOptions {
  /** Whether this process can serve: the store answers, and revocations arrive. */
  isReady: () => Promise<boolean>;
}

/** `/healthz`: the process lives. `/readyz`: requests may be sent to it. */
export const health = ({ isReady }: HealthOptions): Router => {
  const router = Router();
  router.use(['/healthz', '/readyz'], (_req, res, next) => {
    res.setHeader('Cache-Control', 'no-store');
    next();
  });
  router.get('/healthz', (_req, res) => {
    res.json({ status: 'ok' });
  });
  router.get('/readyz', async (_req, res) => {
    const ready = await isReady();
    res.status(ready ? 200 : 503).json({ status: ready ? 'ready' : 'unavailable' });
  });
  return router;
};
