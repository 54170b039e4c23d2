import {
  createTRPCUntypedClient,
  httpBatchLink,
  httpLink,
  httpSubscriptionLink,
  TRPCClientError,
  type TRPCLink,
} from '@trpc/client';
import type { AnyRouter } from '@trpc/server';
import { observable } from '@trpc/server/observable';
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import { afterEach, expect, test } from 'vitest';
import { createTestBrowser } from '#testing/client/browser.ts';
import { settle } from '../testing/clock.ts';
import { refusal } from '../testing/server.ts';

/** Lets everything happen that needs no time on the test's clock, streams included. */
const pass = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  await settle();
};

/** As a browser's, with the test in the server's place. */
const createEventSources = () => {
  const made: FakeEventSource[] = [];
  class FakeEventSource {
    readonly CONNECTING = 0;
    readonly OPEN = 1;
    readonly CLOSED = 2;
    readyState = 0;
    readonly #listeners: { type: string; listener: (event: never) => void }[] = [];

    constructor() {
      made.push(this);
    }
    addEventListener(type: string, listener: (event: never) => void): void {
      this.#listeners.push({ type, listener });
    }
    removeEventListener(): void {}
    close(): void {
      this.readyState = this.CLOSED;
    }
    /** The server's next event, or the browser's own. */
    fire(type: string, data: unknown = {}): void {
      if (this.readyState === this.CLOSED) return;
      const event = { data: JSON.stringify(data), message: 'The connection broke.' };
      for (const one of this.#listeners) if (one.type === type) Reflect.apply(one.listener, this, [event]);
    }
  }
  const latest = (): FakeEventSource => {
    const found = made.at(-1);
    if (found === undefined) throw new Error('There is no EventSource.');
    return found;
  };
  return { EventSource: FakeEventSource, latest, count: () => made.length };
};

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

type Way = 'by tRPC alone' | 'with our link before';

const linksOf = (way: Way, behind: TRPCLink<AnyRouter>) => {
  const browser = createTestBrowser();
  browser.signedInBefore('ada');
  const tab = browser.openTab();
  stops.push(tab.auth.stop);
  const links = way === 'by tRPC alone' ? [behind] : [tab.auth.link(), behind];
  return { browser, client: createTRPCUntypedClient({ links }) };
};

/** A subscription, and everything that its subscriber hears. */
const subscribe = async (way: Way) => {
  const { EventSource, latest, count } = createEventSources();
  const behind = httpSubscriptionLink<AnyRouter, typeof EventSource>({ url: 'http://localhost/api/trpc', EventSource });
  const { browser, client } = linksOf(way, behind);
  const heard: string[] = [];
  const controller = new AbortController();
  const subscription = client.subscription('notes.onChange', undefined, {
    signal: controller.signal,
    onStarted: () => heard.push('started'),
    onData: (data) => heard.push(`data ${JSON.stringify(data)}`),
    onError: ({ message }) => heard.push(`error ${message}`),
    onComplete: () => heard.push('complete'),
    onStopped: () => heard.push('stopped'),
    onConnectionStateChange: ({ state, error }) => heard.push(`${state} ${error?.message ?? '-'}`),
  });
  await pass();
  return {
    heard,
    /** The connection stands. */
    async connect(): Promise<void> {
      latest().fire('connected');
      await pass();
    },
    async fire(type: string, data?: unknown): Promise<void> {
      latest().fire(type, data);
      await pass();
      // Whoever waits before another attempt has waited.
      await browser.clock.advance(61_000);
      await pass();
    },
    async unsubscribe(): Promise<void> {
      subscription.unsubscribe();
      await pass();
    },
    async abort(reason?: unknown): Promise<void> {
      controller.abort(reason);
      await pass();
    },
    count,
  };
};

type Subscribed = Awaited<ReturnType<typeof subscribe>>;

const serialized = (code: keyof typeof TRPC_ERROR_CODES_BY_KEY, httpStatus: number, data = {}) => ({
  message: code,
  code: TRPC_ERROR_CODES_BY_KEY[code],
  data: { code, httpStatus, ...data },
});

const SCENARIOS: Record<string, (stream: Subscribed) => Promise<void>> = {
  'an unsubscribe before it stands': async ({ unsubscribe }) => unsubscribe(),
  'an unsubscribe while it stands': async ({ connect, unsubscribe }) => {
    await connect();
    await unsubscribe();
  },
  'an unsubscribe between two attempts': async ({ connect, fire, unsubscribe }) => {
    await connect();
    await fire('error');
    await unsubscribe();
  },
  'an abort while it stands': async ({ connect, abort }) => {
    await connect();
    await abort();
  },
  'an abort with a reason': async ({ connect, abort }) => {
    await connect();
    await abort('enough');
  },
  'a connection that breaks three times': async ({ connect, fire }) => {
    await connect();
    await fire('message', { n: 1 });
    await fire('error');
    await fire('error');
    await fire('error');
    await connect();
    await fire('message', { n: 2 });
  },
  'a server in trouble for a while': async ({ connect, fire }) => {
    await connect();
    await fire('serialized-error', serialized('SERVICE_UNAVAILABLE', 503));
  },
  'a server that has said all': async ({ connect, fire }) => {
    await connect();
    await fire('message', { n: 1 });
    await fire('return');
  },
};

test.each(Object.entries(SCENARIOS))(
  'a subscriber hears of %s what tRPC’s own link would tell',
  async (_, scenario) => {
    const alone = await subscribe('by tRPC alone');
    await scenario(alone);
    const ours = await subscribe('with our link before');
    await scenario(ours);
    expect(ours.heard).toEqual(alone.heard);
  },
);

/** By tRPC's table: https://trpc.io/docs/server/error-handling#error-codes */
const STATUSES: Partial<Record<keyof typeof TRPC_ERROR_CODES_BY_KEY, number>> = {
  PARSE_ERROR: 400,
  BAD_REQUEST: 400,
  INTERNAL_SERVER_ERROR: 500,
  NOT_IMPLEMENTED: 501,
  BAD_GATEWAY: 502,
  SERVICE_UNAVAILABLE: 503,
  GATEWAY_TIMEOUT: 504,
  UNAUTHORIZED: 401,
  PAYMENT_REQUIRED: 402,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  METHOD_NOT_SUPPORTED: 405,
  TIMEOUT: 408,
  CONFLICT: 409,
  PRECONDITION_FAILED: 412,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  UNPROCESSABLE_CONTENT: 422,
  PRECONDITION_REQUIRED: 428,
  TOO_MANY_REQUESTS: 429,
  CLIENT_CLOSED_REQUEST: 499,
};

const isCode = (name: string): name is keyof typeof TRPC_ERROR_CODES_BY_KEY => name in TRPC_ERROR_CODES_BY_KEY;

test('every code of tRPC has its status here', () => {
  expect(Object.keys(STATUSES).toSorted()).toEqual(Object.keys(TRPC_ERROR_CODES_BY_KEY).toSorted());
});

test.each(Object.keys(STATUSES).filter(isCode))(
  'a stream that ends in %s is given up where tRPC gives up',
  async (code) => {
    const outcomes: boolean[] = [];
    for (const way of ['by tRPC alone', 'with our link before'] as const) {
      const { connect, fire, heard } = await subscribe(way);
      await connect();
      await fire('serialized-error', serialized(code, STATUSES[code] ?? 0));
      outcomes.push(heard.includes(`error ${code}`));
    }
    expect(outcomes[1]).toBe(outcomes[0]);
  },
);

test('a limit of ours is waited for, one of the app’s own is the end', async () => {
  for (const [data, attempts] of [
    [{ reason: 'rate_limited', retryAfter: 5 }, 2],
    [{ reason: 'too_many_streams' }, 2],
    [{ reason: 'credits_used_up', retryAfter: 5 }, 1],
    [{}, 1],
  ] as const) {
    const { connect, fire, count } = await subscribe('with our link before');
    await connect();
    await fire('serialized-error', serialized('TOO_MANY_REQUESTS', 429, data));
    expect(count()).toBe(attempts);
  }
});

test('a connection that stands before the stream does tells of neither twice', async () => {
  // As tRPC's WebSocket link: one connection for all, whose state it tells first.
  let refuse = (): void => undefined;
  let isRefusing = true;
  const { body } = refusal('unavailable');
  if (typeof body !== 'object' || body === null) throw new Error('A refusal has a body.');
  const shared: TRPCLink<AnyRouter> = () => () =>
    observable((observer) => {
      observer.next({ result: { type: 'state', state: 'pending', error: null } });
      refuse = () => observer.error(TRPCClientError.from(body));
      if (!isRefusing) observer.next({ result: { type: 'started' } });
    });
  const { browser, client } = linksOf('with our link before', shared);
  const states: string[] = [];
  client.subscription('notes.onChange', undefined, {
    onStarted: () => states.push('started'),
    onConnectionStateChange: ({ state, error }) => states.push(error ? `${state} error` : state),
  });
  await settle();
  for (let round = 0; round < 3; round += 1) {
    refuse();
    isRefusing = round < 1;
    await browser.clock.advance(61_000);
  }
  expect(states).toEqual([
    'pending',
    'connecting error',
    'connecting error',
    'pending',
    'started',
    'connecting error',
    'pending',
    'started',
  ]);
});

const REASONS = {
  nothing: undefined,
  'a text': 'enough',
  'an Error': new Error('enough'),
  null: null,
  'a timeout': new DOMException('The operation timed out.', 'TimeoutError'),
};

const TERMINATING = {
  httpLink: (fetch: typeof globalThis.fetch) =>
    httpLink({
      url: 'http://localhost/api/trpc',
      fetch: (url, init) => fetch(url, { ...init, signal: init?.signal ?? null }),
    }),
  httpBatchLink: (fetch: typeof globalThis.fetch) =>
    httpBatchLink({
      url: 'http://localhost/api/trpc',
      fetch: (url, init) => fetch(url, { ...init, signal: init?.signal ?? null }),
    }),
};

/** A network that never answers, and hears an abort as fetch does. */
const silence: typeof fetch = (_, init) =>
  new Promise((_resolve, reject) => {
    const abort = (): void => reject(new DOMException('This operation was aborted', 'AbortError'));
    if (init?.signal?.aborted) abort();
    else init?.signal?.addEventListener('abort', abort);
  });

const ABORTS = (['httpLink', 'httpBatchLink'] as const).flatMap((link) =>
  (['query', 'mutation'] as const).flatMap((kind) =>
    (['before it is made', 'while it waits', 'while it is under way'] as const).flatMap((moment) =>
      Object.entries(REASONS).map(([name, reason]) => ({ link, kind, moment, name, reason })),
    ),
  ),
);

test.each(ABORTS)('a $kind on $link that is aborted $moment with $name fails as with tRPC alone', async (one) => {
  const errors: unknown[] = [];
  for (const way of ['by tRPC alone', 'with our link before'] as const) {
    const { client } = linksOf(way, TERMINATING[one.link](silence));
    const controller = new AbortController();
    if (one.moment === 'before it is made') controller.abort(one.reason);
    const call = client[one.kind]('notes.list', undefined, { signal: controller.signal }).catch(
      (error: unknown) => error,
    );
    if (one.moment === 'while it is under way') await pass();
    controller.abort(one.reason);
    errors.push(await call);
  }
  const [alone, ours] = errors;
  const told = (error: unknown): unknown[] =>
    error instanceof TRPCClientError && error.cause instanceof DOMException
      ? [error.message, error.cause.name, error.cause.message]
      : [error];
  expect(told(ours)).toEqual(told(alone));
  expect(told(ours)).toContain('AbortError');
});
