import { afterAll, beforeAll, expect, test } from 'vitest';
import { createStore } from '#server/database/index.ts';
import { createTestAuth, type TestAuth } from '#testing/auth.ts';
import { coreRouters } from '../core-routers.ts';
import { publicProcedure, router } from '../trpc/procedures.ts';
import { createFetchHandler } from './fetch.ts';

const database = createStore({ dataDir: 'memory:', poolSize: 1 });
let kit: TestAuth;
beforeAll(async () => {
  kit = await createTestAuth({ database });
});
afterAll(async () => {
  await kit.stop();
  await database.close();
});

const routes = router({
  ...coreRouters,
  later: publicProcedure.query(() => new Promise<string>(() => {})),
  ticks: publicProcedure.subscription(async function* ({ signal }) {
    yield 'tick';
    await new Promise((resolve) => signal?.addEventListener('abort', resolve));
  }),
});

test.each([
  ['events', 'ticks', 'application/json'],
  ['a batch', 'later,later?batch=1', 'application/jsonl'],
])(
  'whoever aborts a request and still reads its answer as %s is told, and does not wait for good',
  async (_what, path, accept) => {
    const handle = createFetchHandler({ auth: kit.auth, router: routes });
    const headers = { 'trpc-accept': accept };
    for (const isEarly of [true, false]) {
      const leaving = new AbortController();
      if (isEarly) leaving.abort(new Error('left'));
      const response = await handle(
        new Request(`https://app.example/api/trpc/${path}`, { headers, signal: leaving.signal }),
      );
      const reading = response.text();
      leaving.abort(new Error('left'));
      await expect(reading).rejects.toThrow('left');
    }
  },
);
