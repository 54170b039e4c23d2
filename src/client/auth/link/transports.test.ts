import {
  createTRPCClient,
  createTRPCUntypedClient,
  httpBatchStreamLink,
  httpLink,
  TRPCClientError,
} from '@trpc/client';
import { EventSource } from 'eventsource';
import { expect, test, vi } from 'vitest';
import { serve } from '#testing/client/wire.ts';
import { isIdentityChanged, reasonOf } from '../index.ts';
import { refusal, unavailable } from '../testing/server.ts';

/** A real server, and a subscription to it over server-sent events. */
const listen = async () => {
  const served = await serve();
  const heard: string[] = [];
  const errors: unknown[] = [];
  let completions = 0;
  const subscription = served.client.onChange.subscribe(undefined, {
    onData: (event) => heard.push(`${event.id} ${event.data}`),
    onError: (error) => errors.push(error),
    onComplete: () => void (completions += 1),
  });
  const stream = async (number: number) => {
    await vi.waitFor(() => expect(served.streams).toHaveLength(number));
    const found = served.streams[number - 1];
    if (found === undefined) throw new Error('There is no such stream.');
    return found;
  };
  return { ...served, heard, errors, completions: () => completions, subscription, stream };
};

test('a stream has its token in a header, of the moment at which it connects, and never in the URL', async () => {
  const { valid, requests, stream } = await listen();
  const first = await stream(1);
  expect(first.bearer).toBe('token-1');
  valid.clear();
  first.refuse('access_token_expired');
  expect((await stream(2)).bearer).toBe('token-2');
  for (const { url } of requests) expect(url).not.toContain('token-');
});

test('through expired tokens, a store in trouble and lost connections no event is lost and none comes twice', async () => {
  const { valid, heard, errors, completions, stream, dropConnections, refreshes } = await listen();
  const ends = [
    async () => {
      valid.clear();
      (await stream(1)).refuse('access_token_expired');
    },
    async () => (await stream(2)).refuse('unavailable', 'SERVICE_UNAVAILABLE'),
    async () => dropConnections(),
    async () => {
      valid.clear();
      (await stream(4)).refuse('access_token_stale');
    },
  ];
  for (const [index, end] of ends.entries()) {
    const open = await stream(index + 1);
    expect(open.lastEventId).toBe(index === 0 ? undefined : String(index));
    open.push(index + 1, 'event');
    await vi.waitFor(() => expect(heard).toHaveLength(index + 1));
    await end();
  }
  expect((await stream(5)).lastEventId).toBe('4');
  expect(heard).toEqual(['1 event', '2 event', '3 event', '4 event']);
  expect([errors, completions()]).toEqual([[], 0]);
  expect(refreshes()).toBe(3);
});

test('a stream and calls that expire together cost one refresh', async () => {
  const { client, valid, stream, refreshes } = await listen();
  const first = await stream(1);
  valid.clear();
  first.refuse('access_token_expired');
  await Promise.all([client.echo.query(1), client.echo.query(2), stream(2)]);
  expect(refreshes()).toBe(2);
});

test('when another user signs in, the stream of the last one is closed, here and on the server', async () => {
  const { auth, errors, stream, streams } = await listen();
  const first = await stream(1);
  await auth.signIn({ username: 'bob', password: 'battery staple' });
  expect(errors.map(isIdentityChanged)).toEqual([true]);
  await vi.waitFor(() => expect(first.isClosed()).toBe(true));
  expect(streams).toHaveLength(1);
});

test('the end of the session ends the stream with its reason', async () => {
  const { auth, errors, stream, streams } = await listen();
  (await stream(1)).refuse('session_revoked');
  await vi.waitFor(() => expect(errors.map(reasonOf)).toEqual(['session_revoked']));
  expect(auth.getState().status).toBe('anonymous');
  expect(streams).toHaveLength(1);
});

test('a refusal that comes before the stream is an error with its reason, and is not retried', async () => {
  const { answerNext, dropConnections, errors, requests, stream } = await listen();
  await stream(1);
  answerNext('onChange', refusal('origin_not_allowed'));
  dropConnections();
  await vi.waitFor(() => expect(errors.map(reasonOf)).toEqual(['origin_not_allowed']));
  expect(requests).toHaveLength(2);
});

test('JSON of somebody else before the stream is tried again like any answer that is not the API’s', async () => {
  const { answerNext, dropConnections, errors, stream } = await listen();
  await stream(1);
  answerNext('onChange', { status: 403, body: { error: { message: 'No.' } } });
  dropConnections();
  await stream(2);
  expect(errors).toEqual([]);
});

test('a subscription to what is not there is an error', async () => {
  const { auth } = await serve();
  const errors: unknown[] = [];
  const client = createTRPCUntypedClient({ links: auth.links({ EventSource }) });
  client.subscription('gone', undefined, { onError: (error) => errors.push(error) });
  await vi.waitFor(() => expect(errors).toHaveLength(1));
  expect(errors[0]).toBeInstanceOf(TRPCClientError);
  expect(errors[0]).toMatchObject({ data: { code: 'NOT_FOUND', httpStatus: 404 } });
});

test('a gate, a store and a limit that answer before the stream are met as within it', async () => {
  const { answerNext, dropConnections, errors, refreshes, stream, valid } = await listen();
  await stream(1);
  valid.clear();
  answerNext('onChange', refusal('access_token_expired'));
  answerNext('onChange', unavailable());
  answerNext('onChange', refusal('rate_limited', { retryAfter: 1 }));
  dropConnections();
  expect((await stream(2)).bearer).toBe('token-2');
  expect(refreshes()).toBe(2);
  expect(errors).toEqual([]);
});

test('an unsubscribe closes the connection', async () => {
  const { subscription, stream } = await listen();
  const first = await stream(1);
  subscription.unsubscribe();
  await vi.waitFor(() => expect(first.isClosed()).toBe(true));
});

const TRANSPORTS = {
  httpLink: (url: string, { auth }: Awaited<ReturnType<typeof serve>>) => httpLink({ url, headers: auth.headers }),
  httpBatchStreamLink: (url: string, { auth }: Awaited<ReturnType<typeof serve>>) =>
    httpBatchStreamLink({ url, headers: auth.headers }),
};

test.each(['httpLink', 'httpBatchStreamLink'] as const)(
  'on %s only the call that the gate rejected is sent again, and a sign-in travels alone',
  async (transport) => {
    const served = await serve();
    const { auth, url, valid, ran, refreshes } = served;
    const client = createTRPCClient<typeof served.router>({ links: [auth.link(), TRANSPORTS[transport](url, served)] });
    valid.clear();
    const answers = await Promise.all([
      client.news.query(),
      client.echo.query(1),
      client.wave.mutate(),
      client.write.mutate(2),
    ]);
    expect(answers).toEqual(['news', 1, 'hello', 2]);
    expect(ran.toSorted()).toEqual(['echo 1', 'news', 'wave', 'write 2']);
    expect(refreshes()).toBe(2);
    expect(await client.auth.login.mutate({})).toMatchObject({ accessToken: '', user: { username: 'bob' } });
  },
);
