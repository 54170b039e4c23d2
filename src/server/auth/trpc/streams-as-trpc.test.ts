import { EventEmitter, on } from 'node:events';
import { initTRPC, TRPCError, tracked } from '@trpc/server';
import { isObservable, observable } from '@trpc/server/observable';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestAuth, type TestAuth } from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import * as stack from './procedures.ts';

type Signalled = { signal: AbortSignal | undefined };

const emitter = new EventEmitter();

/** What a subscription may be, as an app writes it. */
const resolvers = {
  ends: async function* () {
    yield* [1, 2];
  },
  returns: async function* () {
    yield 1;
    return 'bye';
  },
  tracks: async function* () {
    yield tracked('7', 'tracked');
  },
  throws: async function* () {
    yield 1;
    throw new TRPCError({ code: 'CONFLICT', message: 'not today' });
  },
  throwsAnything: async function* () {
    yield 1;
    throw new RangeError('out of range');
  },
  waitsForEvents: async function* ({ signal }: Signalled) {
    yield 'first';
    for await (const [event] of on(emitter, 'never', { signal })) yield String(event);
  },
  waitsForItsSignal: async function* ({ signal }: Signalled) {
    yield 'first';
    await new Promise((resolve) => signal?.addEventListener('abort', resolve));
  },
  observes: () =>
    observable<string>((observer) => {
      observer.next('first');
      observer.complete();
    }),
  observesAnError: () => observable<string>((observer) => observer.error(new TRPCError({ code: 'CONFLICT' }))),
  isNoStream: () => 'no stream',
  hasAKeyOfThatName: () => ({ subscribe: true }),
};

const outcomeOf = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    return await work;
  } catch (error) {
    return error instanceof Error
      ? { name: error.name, message: error.message, code: Reflect.get(error, 'code') }
      : error;
  }
};

/** All that somebody hears who listens to it, and who aborts when nothing more comes. */
const listen = async (data: unknown, abort: () => void): Promise<unknown[]> => {
  if (isObservable(data) && typeof data.subscribe === 'function') {
    const heard: unknown[] = ['an observable'];
    data.subscribe({
      next: (event) => heard.push(event),
      error: (error) => heard.push(error),
      complete: () => heard.push('complete'),
    });
    return heard;
  }
  if (typeof data !== 'object' || data === null || !(Symbol.asyncIterator in data)) return ['as it is', data];
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- looked for just now
  const iterator = (data as AsyncIterable<unknown>)[Symbol.asyncIterator]();
  const heard: unknown[] = ['a generator', await outcomeOf(iterator.next())];
  const more = [outcomeOf(iterator.next()), outcomeOf(iterator.next())];
  await new Promise((resolve) => setImmediate(resolve));
  abort();
  return [...heard, ...(await Promise.all(more))];
};

let store: TestStore;
let kit: TestAuth;
beforeAll(async () => {
  const [sqlite] = eachStore;
  if (sqlite === undefined) throw new Error('There is no store.');
  store = await sqlite.open();
  kit = await createTestAuth(store);
});
afterAll(async () => {
  await kit.stop();
  await store.remove();
});

describe.each(['publicProcedure', 'protectedProcedure'] as const)('built on the %s', (base) => {
  test.each(Object.entries(resolvers))('a subscription that %s is what it is in tRPC', async (name, written) => {
    const bare = initTRPC.create();
    const browser = kit.openBrowser();
    await browser.register(`${base === 'publicProcedure' ? 'pub' : 'pro'}_${name}`.slice(0, 32));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- some are what the types forbid
    const resolver = written as (options: Signalled) => AsyncIterable<unknown>;

    const heardOf = async (call: (signal: AbortSignal) => Promise<unknown>): Promise<unknown> => {
      const controller = new AbortController();
      return listen(await outcomeOf(call(controller.signal)), () => controller.abort());
    };
    const inTrpc = bare.router({ it: bare.procedure.subscription(resolver) });
    const here = stack.router({
      it:
        base === 'publicProcedure'
          ? stack.publicProcedure.subscription(resolver)
          : stack.protectedProcedure.subscription(resolver),
    });
    const expected = await heardOf((signal) => bare.createCallerFactory(inTrpc)({}, { signal }).it());
    const actual = await heardOf((signal) => stack.createCallerFactory(here)(browser.context(), { signal }).it());
    expect(actual).toEqual(expected);
  });
});
