import { availableParallelism } from 'node:os';
import express from 'express';
import { createArgon2Pool } from '../../src/server/auth/features/passwords/index.ts';
import { summarise } from '../latency.ts';
import { serve } from './serve.ts';

/** Verifies passwords and does nothing else: what logins cannot be faster than, by Latchkey's own parameters. */
const PASSWORD = 'correct horse battery staple';

const POOLS = {
  /** As many at once as the server has: one core is left to everybody else. */
  server: createArgon2Pool(),
  'every-core': createArgon2Pool({ concurrency: availableParallelism() }),
};

const stored = await POOLS.server.hash(PASSWORD);

const app = express();

/** Keeps the pool full for so many milliseconds, and says what came of it. */
app.get('/work/:pool/:milliseconds', async (req, res) => {
  const passwords = POOLS[req.params.pool === 'server' ? 'server' : 'every-core'];
  const start = performance.now();
  const latencies: number[] = [];
  const keepBusy = async (): Promise<void> => {
    while (performance.now() - start < Number(req.params.milliseconds)) {
      const hashedFrom = performance.now();
      await passwords.verify(stored, PASSWORD);
      latencies.push(performance.now() - hashedFrom);
    }
  };
  await Promise.all(Array.from({ length: 2 * availableParallelism() }, keepBusy));
  const seconds = (performance.now() - start) / 1000;
  res.json({ calls: latencies.length, seconds, latency: summarise(latencies) });
});

serve(app);
