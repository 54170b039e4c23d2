import { initTRPC } from '@trpc/server';
import { expect, test } from 'vitest';
import { z } from 'zod/v4';
import { createTestAuth } from '#testing/auth.ts';
import { eachStore } from '#testing/each-store.ts';
import type { AuthContext } from '../context.ts';
import { coreRouters } from '../core-routers.ts';
import { createFetchHandler } from '../http/fetch.ts';
import { trpcOptions } from './options.ts';
import { type ProcedureMeta, protectedProcedure, publicProcedure } from './procedures.ts';

const CALLS = 12;

const t = initTRPC.context<AuthContext>().meta<ProcedureMeta>().create(trpcOptions());

/** What a call is handed beside what every call is, once all of its batch have passed their gates. */
const openWitness = (count: number) => {
  let arrived = 0;
  let release = (): void => {};
  const all = new Promise<void>((resolve) => {
    release = resolve;
  });
  const look = async (ctx: object): Promise<string[]> => {
    arrived += 1;
    if (arrived === count) release();
    await all;
    return Object.keys(ctx).filter((name) => !['auth', 'request', 'cookies'].includes(name));
  };
  const named = z.string();
  const noted = t.middleware(async ({ next, getRawInput }) => {
    const note = named.parse(await getRawInput());
    return next({ ctx: { [note]: note } });
  });
  return t.router({
    ...coreRouters,
    open: t.procedure.concat(publicProcedure).query(({ ctx }) => look(ctx)),
    gated: t.procedure.concat(protectedProcedure).query(({ ctx }) => look(ctx)),
    noted: t.procedure
      .concat(protectedProcedure)
      .use(noted)
      .query(({ ctx }) => look(ctx)),
  });
};

const cases = eachStore.slice(0, 1).flatMap(({ open }) => [
  { accept: 'application/json', open },
  { accept: 'application/jsonl', open },
]);

test.each(cases)(
  'no call of a batch sees what the gates and middlewares of its siblings found, answered as $accept',
  async ({ accept, open }) => {
    const store = await open();
    const kit = await createTestAuth(store);
    try {
      const browser = kit.openBrowser();
      await browser.register('ada');
      const handle = createFetchHandler({ auth: kit.auth, router: openWitness(CALLS), address: () => '192.0.2.1' });
      const names = Array.from({ length: CALLS }, (_, index) => ['gated', 'open', 'noted'][index % 3] ?? '');
      const input = JSON.stringify(Object.fromEntries(names.map((_name, index) => [index, `of_${index}`])));
      const response = await handle(
        new Request(`http://localhost/trpc/${names.join(',')}?batch=1&input=${encodeURIComponent(input)}`, {
          headers: { authorization: `Bearer ${browser.accessToken}`, 'trpc-accept': accept },
        }),
      );
      const text = await response.text();
      const expected = names.map((name, index) => {
        if (name === 'open') return [];
        return name === 'gated' ? ['user'] : ['user', `of_${index}`];
      });
      if (accept === 'application/json') {
        expect(JSON.parse(text)).toEqual(expected.map((data) => ({ result: { data } })));
      } else {
        for (const one of expected) expect(text).toContain(JSON.stringify(one));
        expect(text.match(/"user"/g)).toHaveLength(8);
      }
    } finally {
      await kit.stop();
      await store.remove();
    }
  },
);
