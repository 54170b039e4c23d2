import { initTRPC } from '@trpc/server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createStore } from '#server/database/index.ts';
import { createTestAuth, type TestAuth } from '#testing/auth.ts';
import type { AuthContext } from '../context.ts';
import { coreRouters } from '../core-routers.ts';
import { trpcOptions } from '../trpc/options.ts';
import { type ProcedureMeta, publicProcedure, router } from '../trpc/procedures.ts';
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
  'reading the answer to an aborted request as %s fails with the abort, and does not wait forever',
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

test('what the handler is called with beside the request reaches the context, the address and waitUntil', async () => {
  const t = initTRPC.context<AuthContext & { tenant: string }>().meta<ProcedureMeta>().create(trpcOptions());
  const told: unknown[] = [];
  const handle = createFetchHandler({
    auth: kit.auth,
    router: t.router({
      ...coreRouters,
      whoAsks: t.procedure
        .concat(publicProcedure)
        .query(({ ctx: { tenant, request } }) => ({ tenant, address: request.address })),
    }),
    address: (_request, runtime: { tenant: string; remote: string }) => runtime.remote,
    createContext: (context, { request }, { tenant }) => ({ ...context, tenant: `${tenant} ${request.method}` }),
    waitUntil: (promise, request, runtime) => told.push(promise, request, runtime),
  });
  const request = new Request('https://app.example/api/trpc/whoAsks');
  const runtime = { tenant: 'acme', remote: '203.0.113.7' };
  const response = await handle(request, runtime);
  expect(await response.json()).toEqual({ result: { data: { tenant: 'acme GET', address: '203.0.113.7' } } });
  expect(told).toEqual([expect.any(Promise), request, runtime]);
  await told[0];
});
