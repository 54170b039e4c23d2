import { createTRPCClient, httpBatchLink } from '@trpc/client';
import { expect, test } from 'vitest';
import { serve } from '#testing/client/wire.ts';
import { IdentityChangedError } from '../index.ts';
import { settle } from '../testing/clock.ts';

test('20 parallel calls with an expired token: one refresh, three requests, and all succeed', async () => {
  const { client, valid, requests, refreshes } = await serve();
  valid.clear();
  const inputs = Array.from({ length: 20 }, (_, index) => index);
  expect(await Promise.all(inputs.map((input) => client.echo.query(input)))).toEqual(inputs);
  expect(refreshes()).toBe(2);
  expect(requests.map(({ status }) => status)).toEqual([401, 200, 200]);
});

test('100 calls in one tick travel 20 by 20', async () => {
  const { client, requests } = await serve();
  await Promise.all(Array.from({ length: 100 }, (_, input) => client.echo.query(input)));
  expect(requests).toHaveLength(5);
  for (const { url } of requests) expect(url.split('?')[0]?.split(',')).toHaveLength(20);
});

test('in a mixed batch, a 207, only the calls that were rejected are sent again', async () => {
  const { client, valid, ran, requests } = await serve();
  valid.clear();
  expect(await Promise.all([client.news.query(), client.echo.query(1), client.news.query()])).toEqual([
    'news',
    1,
    'news',
  ]);
  expect(ran).toEqual(['news', 'news', 'echo 1']);
  expect(requests.map(({ status }) => status)).toEqual([207, 200, 200]);
  expect(requests[2]?.url).toMatch(/^\/echo\?/);
});

test('an UNAUTHORIZED of a resolver runs once, also beside a call that is retried', async () => {
  const { client, valid, ran, refreshes } = await serve();
  const fragile = client.fragile.mutate().catch((error: unknown) => error);
  await fragile;
  expect(ran).toEqual(['fragile']);
  expect(refreshes()).toBe(1);
  valid.clear();
  await Promise.all([client.write.mutate(1), client.fragile.mutate().catch(() => undefined)]);
  expect(ran.filter((call) => call === 'write 1')).toHaveLength(1);
  expect(refreshes()).toBe(2);
});

test('a sign-in that is called beside others travels alone', async () => {
  const { client, requests } = await serve();
  await Promise.all([client.news.query(), client.auth.login.mutate({}), client.news.query()]);
  expect(requests.map(({ url }) => url.split('?')[0]).toSorted()).toEqual(['/auth.login', '/news,news']);
});

test('a batch that was put together just before the user changed is not sent as the new one', async () => {
  const { auth, valid, ran, router } = await serve();
  // The links batch with a timer, so what is asked for in this tick leaves in a later one: here, by when Bob has signed
  // in.
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const client = createTRPCClient<typeof router>({
    links: [
      auth.link(),
      httpBatchLink({
        ...auth.httpOptions(),
        async headers(options) {
          await held;
          return auth.headers(options);
        },
      }),
    ],
  });
  const old = client.write.mutate(1).catch((error: unknown) => error);
  await new Promise((resolve) => setTimeout(resolve));
  await auth.signIn({ username: 'bob', password: 'battery staple' });
  const fresh = client.write.mutate(2);
  release();
  expect(await old).toHaveProperty('cause', expect.any(IdentityChangedError));
  expect(await fresh).toBe(2);
  expect(ran).toEqual(['write 2']);
  expect(valid.has('token-bob')).toBe(true);
});

test('in a batch of two users’ calls the old one’s is not sent, and the new one’s is sent without it', async () => {
  const { auth, client, ran, requests } = await serve();
  const old = client.write.mutate(1).catch((error: unknown) => error);
  await settle();
  // The batch leaves in the next tick; the user leaves in this one, and somebody makes another call.
  const signedOut = auth.signOut();
  expect(await client.wave.mutate()).toBe('hello');
  await signedOut;
  expect(await old).toHaveProperty('cause', expect.any(IdentityChangedError));
  expect(ran).toEqual(['wave']);
  expect(requests.map(({ url }) => url)).toContain('/wave?batch=1');
});
