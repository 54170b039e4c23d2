import {
  createTRPCUntypedClient,
  httpLink,
  type OperationLink,
  splitLink,
  TRPCClientError,
  type TRPCLink,
} from '@trpc/client';
import type { AnyRouter } from '@trpc/server';
import { observable } from '@trpc/server/observable';
import { expect, test } from 'vitest';
import { createTestBrowser } from '#testing/client/browser.ts';
import { collectRejections } from '#testing/collect-rejections.ts';
import { settle } from '../testing/clock.ts';
import { refusal } from '../testing/server.ts';

const defect = new RangeError('A link is broken.');
const broken = (): never => {
  throw defect;
};
const answering: OperationLink<AnyRouter> = () =>
  observable((observer) => observer.next({ result: { type: 'data', data: 'answer' } }));

/** Every place in which what stands behind a link may throw while it is being sent to. */
const PLACES = {
  'in its link function': () => broken,
  'when it is subscribed to': () => () => observable(broken),
  'in the condition of a splitLink': splitLink({ condition: broken, true: () => answering, false: () => answering }),
  'by having no terminating link': () => (options) => options.next(options.op),
  'for an input that it cannot send': (runtime) => {
    const http = httpLink({ url: '/api/trpc' })(runtime);
    return (options) => http({ ...options, op: { ...options.op, type: 'query', input: new FormData() } });
  },
} satisfies Record<string, TRPCLink<AnyRouter>>;

const KINDS = ['query', 'mutation', 'subscription'] as const;

const refused = (): TRPCClientError<AnyRouter> => {
  const { body } = refusal('access_token_expired');
  if (typeof body !== 'object' || body === null) throw new Error('A refusal has a body.');
  return TRPCClientError.from(body);
};

/** Refuses so many times as the gate does, and then leaves it to the next. */
const refusing =
  (times: number): TRPCLink<AnyRouter> =>
  () => {
    let left = times;
    return ({ op, next }) => {
      if (left === 0) return next(op);
      left -= 1;
      return observable((observer) => observer.error(refused()));
    };
  };

/** What becomes of an operation of somebody who is signed in. */
const outcomeOf = async (kind: (typeof KINDS)[number], links: TRPCLink<AnyRouter>[]): Promise<unknown> => {
  const browser = createTestBrowser();
  browser.signedInBefore('ada');
  const { auth } = browser.openTab();
  const client = createTRPCUntypedClient({ links: [auth.link(), ...links] });
  let outcome: unknown = 'nothing';
  const keep = (value: unknown): void => {
    outcome = value;
  };
  if (kind === 'subscription') client.subscription('notes.onChange', undefined, { onError: keep });
  else client[kind]('notes.list').then(keep, keep);
  await settle();
  auth.stop();
  return outcome;
};

/** What is reported as an unhandled rejection from now on. */
const collectReports = (): (() => Promise<unknown[]>) => {
  const reported = collectRejections();
  return async () => {
    await new Promise((resolve) => setImmediate(resolve));
    return reported;
  };
};

/** What tRPC itself makes of it, where only its own links stand. */
const withoutUs = (link: TRPCLink<AnyRouter>): Promise<unknown> =>
  createTRPCUntypedClient({ links: [link] })
    .query('notes.list')
    .catch((error: unknown) => error);

const isPlace = (name: string): name is keyof typeof PLACES => name in PLACES;
const CASES = Object.keys(PLACES)
  .filter(isPlace)
  .flatMap((place) => KINDS.flatMap((kind) => [0, 1].map((refusals) => ({ place, kind, refusals }))));

test.each(CASES)('a link behind that throws $place fails the $kind, after $refusals refusals', async (one) => {
  const link = PLACES[one.place];
  const error = await outcomeOf(one.kind, [refusing(one.refusals), link]);
  const bare = await withoutUs(link);
  expect(error).toBeInstanceOf(TRPCClientError);
  expect(error).toHaveProperty('message', bare instanceof Error ? bare.message : undefined);
  if (one.place !== 'by having no terminating link' && one.place !== 'for an input that it cannot send') {
    expect(error).toHaveProperty('cause', defect);
  }
});

test.each(KINDS)('a link behind that throws when a %s is taken back keeps nobody waiting', async (kind) => {
  const sticky: TRPCLink<AnyRouter> = () => () => observable(() => broken);
  const browser = createTestBrowser();
  browser.signedInBefore('ada');
  const { auth } = browser.openTab();
  const client = createTRPCUntypedClient({ links: [auth.link(), sticky] });
  const controller = new AbortController();
  const reported = collectReports();
  let outcome: unknown = 'nothing';
  const keep = (value: unknown): void => {
    outcome = value;
  };
  let takeBack = (): void => controller.abort();
  if (kind === 'subscription') {
    takeBack = client.subscription('notes.onChange', undefined, { onComplete: () => keep('complete') }).unsubscribe;
  } else client[kind]('notes.list', undefined, { signal: controller.signal }).catch(keep);
  await settle();
  takeBack();
  await settle();
  if (kind === 'subscription') expect(outcome).toBe('complete');
  else expect(outcome).toMatchObject({ cause: { name: 'AbortError' } });
  expect(await reported()).toEqual([defect]);
});

test('what is thrown is no Error: the call fails with it all the same', async () => {
  const link: TRPCLink<AnyRouter> = () => () => {
    // oxlint-disable-next-line only-throw-error -- a link of somebody else may throw anything
    throw 'just words';
  };
  expect(await outcomeOf('query', [link])).toMatchObject({ message: 'just words' });
});

test('a subscriber that throws is told of it, and is not sent to again', async () => {
  const browser = createTestBrowser();
  browser.signedInBefore('ada');
  const { auth } = browser.openTab();
  let sent = 0;
  const counting: TRPCLink<AnyRouter> = () => (options) => {
    sent += 1;
    return answering(options);
  };
  const errors: unknown[] = [];
  createTRPCUntypedClient({ links: [auth.link(), counting] }).subscription('notes.onChange', undefined, {
    onData: broken,
    onError: (error) => errors.push(error.cause),
  });
  await settle();
  await browser.clock.advance(60_000);
  expect([errors, sent]).toEqual([[defect], 1]);
});
