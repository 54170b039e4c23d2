import { EventEmitter, on } from 'node:events';
import { createTRPCClient } from '@trpc/client';
import { initTRPC, tracked } from '@trpc/server';
import { EventSource } from 'eventsource';
import { type AuthContext, coreRouters, type ProcedureMeta, protectedProcedure, trpcOptions } from 'latchkey/server';
import { mailRouters } from 'latchkey/server/mail';
import { passwordRouters } from 'latchkey/server/passwords';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod/v4';
import { createStore } from '#server/database/index.ts';
import { createTestAuth, TEST_PASSWORD, type TestAuth } from '#testing/auth.ts';
import { createPostbox } from '#testing/postbox.ts';
import { startWireServer, type WireServer } from '#testing/wire.ts';
import { createAuthClient } from '../auth-client.ts';
import { reasonOf } from '../errors.ts';

const t = initTRPC.context<AuthContext>().meta<ProcedureMeta>().create(trpcOptions());
const ticks = new EventEmitter().setMaxListeners(0);

const router = t.router({
  ...coreRouters,
  auth: { ...coreRouters.auth, ...passwordRouters.auth, ...mailRouters.auth },
  user: { ...coreRouters.user, ...mailRouters.user },
  onTick: t.procedure
    .concat(protectedProcedure)
    .input(z.object({ lastEventId: z.string().nullish() }).optional())
    .subscription(async function* ({ signal }) {
      for await (const [tick] of on(ticks, 'tick', { ...(signal && { signal }) }))
        yield tracked(String(tick), Number(tick));
    }),
});

const postbox = createPostbox();
let kit: TestAuth;
let server: WireServer;
let close: () => Promise<void>;
let people = 0;
const stops: (() => void)[] = [];

beforeAll(async () => {
  const database = createStore({ dataDir: 'memory:', poolSize: 1 });
  kit = await createTestAuth({ database }, { features: [postbox.feature] });
  server = await startWireServer(kit.auth, router);
  close = () => database.close();
});
afterAll(async () => {
  for (const stop of stops.splice(0)) stop();
  await server.close();
  await kit.stop();
  await close();
});

/** A page of somebody, with a live subscription and all that it hears. */
const openPage = async (enter: { up: string } | { in: string; password?: string }) => {
  const cookies = new Map<string, string>();
  const bearers: (string | null)[] = [];
  const auth = createAuthClient({
    url: `${server.url}/api/trpc`,
    environment: {
      async fetch(input, init) {
        const headers = new Headers(init?.headers);
        headers.set('cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '));
        if ((input instanceof Request ? input.url : input.toString()).includes('/onTick'))
          bearers.push(headers.get('authorization'));
        const response = await fetch(input, { ...init, headers });
        for (const line of response.headers.getSetCookie()) {
          const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
          cookies.set(name, value);
        }
        return response;
      },
      // As of a page that somebody looks at.
      isVisible: () => true,
      isOnline: () => true,
      hint: { read: () => null, write: () => undefined, remove: () => undefined },
    },
  });
  stops.push(auth.stop);
  if ('up' in enter) {
    await auth.signUp({ username: enter.up, email: `${enter.up}@mail.example`, password: TEST_PASSWORD });
  } else await auth.signIn({ username: enter.in, password: enter.password ?? TEST_PASSWORD });
  const client = createTRPCClient<typeof router>({ links: auth.links({ EventSource }) });
  const heard: number[] = [];
  const errors: unknown[] = [];
  const open = ticks.listenerCount('tick');
  const { unsubscribe } = client.onTick.subscribe(undefined, {
    onData: ({ data }) => heard.push(data),
    onError: (error) => errors.push(error),
  });
  stops.push(unsubscribe);
  await expect.poll(() => ticks.listenerCount('tick')).toBe(open + 1);
  return { auth, client, heard, errors, bearers, close: unsubscribe };
};

let last = 0;
const tick = (): number => {
  last += 1;
  ticks.emit('tick', last);
  return last;
};

beforeEach(() => {
  people += 1;
});

test('a stream of a session that is renewed goes on with the new token, and those of the other sessions end', async () => {
  const name = `renewed_${people}`;
  const page = await openPage({ up: name });
  const other = await openPage({ in: name });
  const first = tick();
  await expect.poll(() => [page.heard, other.heard]).toEqual([[first], [first]]);

  await page.client.auth.changePassword.mutate({
    currentPassword: TEST_PASSWORD,
    newPassword: 'tea at seven, not eight',
  });
  await expect.poll(() => page.bearers.length).toBe(2);
  await expect.poll(() => ticks.listenerCount('tick')).toBe(1);
  const second = tick();
  await expect.poll(() => page.heard).toEqual([first, second]);
  expect(new Set(page.bearers).size).toBe(2);
  expect(page.errors).toEqual([]);

  await expect.poll(() => other.errors.map(reasonOf)).toEqual(['session_revoked']);
  expect(other.heard).toEqual([first]);
  expect(other.auth.getState().status).toBe('anonymous');
  page.close();
});

test('streams of tokens that say of an address that it is not confirmed go on once it is, in every session', async () => {
  const name = `confirmed_${people}`;
  const page = await openPage({ up: name });
  const other = await openPage({ in: name });
  await page.client.auth.verifyEmail.mutate({ token: postbox.tokenOf('confirm_address', `${name}@mail.example`) });
  await expect.poll(() => [page.bearers.length, other.bearers.length]).toEqual([2, 2]);
  await expect.poll(() => ticks.listenerCount('tick')).toBe(2);
  const heard = tick();
  await expect.poll(() => [page.heard, other.heard]).toEqual([[heard], [heard]]);
  for (const { bearers, errors, close: end } of [page, other]) {
    expect(new Set(bearers).size).toBe(2);
    expect(errors).toEqual([]);
    end();
  }
});
