import { createTRPCClient, httpBatchStreamLink, httpLink } from '@trpc/client';
import type { TRPCDataTransformer } from '@trpc/server';
import { expect, test } from 'vitest';
import { serve } from '#testing/client/wire.ts';
import { reasonOf } from '../index.ts';
import { isRecord } from '../internal/record.ts';

const isPlain = (data: unknown): data is object =>
  Array.isArray(data) || (isRecord(data) && Object.getPrototypeOf(data) === Object.prototype);

const mapped = (data: unknown, leaf: (value: unknown) => unknown): unknown => {
  const found = leaf(data);
  if (found !== data || !isPlain(data)) return found;
  const entries = Object.entries(data).map(([key, value]): [string, unknown] => [key, mapped(value, leaf)]);
  return Array.isArray(data) ? entries.map(([, value]) => value) : Object.fromEntries(entries);
};

/** As superjson: the data, and what JSON cannot say, which here is dates. */
const dates: TRPCDataTransformer = {
  serialize: (data) => ({ json: mapped(data, (value) => (value instanceof Date ? { $date: value.toJSON() } : value)) }),
  deserialize: ({ json }) =>
    mapped(json, (value) => (isRecord(value) && '$date' in value ? new Date(String(value['$date'])) : value)),
};

test('with a transformer of the router, calls, sign-in and refresh work, and refusals have their reasons', async () => {
  const { auth, client, valid, refreshes } = await serve({ transformer: dates });
  expect(await client.mirror.query(new Date(7))).toEqual(new Date(7));
  valid.clear();
  expect(await client.mirror.query(new Date(8))).toEqual(new Date(8));
  expect(refreshes()).toBe(2);
  await auth.signIn({ username: 'bob', password: 'battery staple' });
  expect(auth.getState()).toMatchObject({ status: 'authenticated', user: { username: 'bob' } });
});

test('a refusal before a stream reaches its subscriber with its reason, whatever the transformer', async () => {
  const { client, valid, streams, refreshes } = await serve({ transformer: dates });
  valid.clear();
  const heard = await new Promise((resolve, reject) => {
    client.onChange.subscribe(undefined, { onData: resolve, onError: reject });
    const push = setInterval(() => {
      if (streams[0] === undefined) return;
      clearInterval(push);
      streams[0].push(1, 'one');
    }, 1);
  });
  expect(heard).toMatchObject({ id: '1', data: 'one' });
  expect(refreshes()).toBe(2);
});

test('a refusal of a sign-in is read through the transformer', async () => {
  const { answerNext, auth } = await serve({ transformer: dates });
  const data = { code: 'UNAUTHORIZED', httpStatus: 401, reason: 'invalid_credentials' };
  const error = dates.serialize({ message: 'Wrong.', code: -32001, data });
  answerNext('auth.login', { status: 401, body: { error } });
  const failure = await auth.signIn({ username: 'bob', password: 'wrong' }).catch((error: unknown) => error);
  expect(reasonOf(failure)).toBe('invalid_credentials');
});

test('a transformer of two halves is taken as well', async () => {
  const { auth } = await serve({ clientTransformer: { input: dates, output: dates }, transformer: dates });
  expect(auth.getState().status).toBe('authenticated');
});

test('the options of a terminating link of one’s own are those of the client', async () => {
  const { auth, router, valid, requests } = await serve({ transformer: dates });
  for (const terminating of [httpBatchStreamLink, httpLink]) {
    valid.clear();
    requests.splice(0);
    const client = createTRPCClient<typeof router>({
      links: [auth.link(), terminating<typeof router>({ ...auth.httpOptions() })],
    });
    expect(await client.mirror.query(new Date(9))).toEqual(new Date(9));
    expect(requests.map(({ status }) => status)).toContain(200);
  }
});
