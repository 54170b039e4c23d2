import { createTRPCUntypedClient, httpBatchStreamLink, type OperationLink } from '@trpc/client';
import type { AnyRouter } from '@trpc/server';
import { observable } from '@trpc/server/observable';
import { expect, test } from 'vitest';
import { createTestBrowser, type TestTab } from '#testing/client/browser.ts';
import { serve } from '#testing/client/wire.ts';
import { isIdentityChanged } from '../index.ts';
import { settle } from '../testing/clock.ts';

const bob = { username: 'bob', password: 'battery staple' };

/** Somebody who reads a streamed query, of which each value comes when the test says so. */
const reading = async () => {
  const browser = createTestBrowser();
  browser.signedInBefore('ada');
  const tab = browser.openTab();
  let push = (_value: unknown): void => undefined;
  let finish = (): void => undefined;
  let isReturned = false;
  const values = async function* (): AsyncGenerator {
    try {
      for (;;) {
        const { value, done } = await new Promise<{ value?: unknown; done: boolean }>((resolve) => {
          push = (value) => resolve({ value, done: false });
          finish = () => resolve({ done: true });
        });
        if (done) return 'the end';
        yield value;
      }
    } finally {
      isReturned = true;
    }
  };
  const answering: OperationLink<AnyRouter> = () =>
    observable((observer) => {
      observer.next({ result: { type: 'data', data: values() } });
      observer.complete();
    });
  const client = createTRPCUntypedClient({ links: [tab.auth.link(), () => answering] });
  const stream: unknown = await client.query('notes.export');
  if (!isGenerator(stream)) throw new Error('Nothing is streamed.');
  return {
    tab,
    stream,
    push: (value: unknown) => push(value),
    finish: () => finish(),
    isReturned: () => isReturned,
  };
};

const isGenerator = (value: unknown): value is AsyncGenerator =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value && 'next' in value;

/** How the next value came, or why none did. */
const nextOf = (stream: AsyncGenerator): Promise<unknown> => stream.next().catch((error: unknown) => error);

const LEAVING: Record<string, (tab: TestTab) => void> = {
  'signs out': ({ auth }) => void auth.signOut(),
  'signs out offline': ({ auth, network, connect }) => {
    network.usually('lose request');
    connect(false);
    void auth.signOut();
  },
  'is followed by another': ({ auth }) => void auth.signIn(bob),
};

test.each(Object.keys(LEAVING))('who reads a streamed query and %s is told at once, and hears no more', async (how) => {
  const { tab, stream, push, isReturned } = await reading();
  const first = nextOf(stream);
  push('one');
  expect(await first).toEqual({ value: 'one', done: false });

  let told: unknown;
  void nextOf(stream).then((outcome) => {
    told = outcome;
  });
  LEAVING[how]?.(tab);
  await settle();
  expect(isIdentityChanged(told)).toBe(true);

  push('two');
  await settle();
  expect(isReturned()).toBe(true);
  expect(await nextOf(stream)).toSatisfy(isIdentityChanged);
});

test('what came before its user left and was not read is not handed on', async () => {
  const { tab, stream, push, isReturned } = await reading();
  const first = nextOf(stream);
  push('one');
  await first;
  await tab.auth.signOut();
  expect(await nextOf(stream)).toSatisfy(isIdentityChanged);
  expect(isReturned()).toBe(true);
});

test('a streamed query is read to its end as any other, and a renewal of the token is no matter', async () => {
  const { tab, stream, push, finish } = await reading();
  const heard: unknown[] = [];
  const end = (async () => {
    for await (const value of stream) heard.push(value);
  })();
  await settle();
  push('one');
  await settle();
  tab.connect(true);
  push('two');
  await settle();
  finish();
  await end;
  expect(heard).toEqual(['one', 'two']);
  await tab.auth.signOut();
  expect(await nextOf(stream)).toSatisfy(isIdentityChanged);
});

test('over a real server a streamed query of the last user ends, here and on the server', async () => {
  const { auth, url, streams } = await serve();
  const client = createTRPCUntypedClient({ links: [auth.link(), httpBatchStreamLink({ url, headers: auth.headers })] });
  const stream: unknown = await client.query('ticks');
  if (!isGenerator(stream)) throw new Error('Nothing is streamed.');
  const first = nextOf(stream);
  streams[0]?.push(1, 'one');
  expect(await first).toEqual({ value: 'one', done: false });

  const second = nextOf(stream);
  await auth.signIn(bob);
  expect(await second).toSatisfy(isIdentityChanged);
  streams[0]?.push(2, 'two');
  await expect.poll(() => streams[0]?.isClosed()).toBe(true);
});
