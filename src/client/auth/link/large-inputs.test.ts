import { createTRPCClient, httpBatchLink, httpBatchStreamLink, httpLink } from '@trpc/client';
import { expect, test } from 'vitest';
import { serve } from '#testing/client/wire.ts';

const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => `${index}`.padStart(36, '0'));

test('a query whose input fits into no address goes by POST, by itself, and its neighbours as ever', async () => {
  const { client, requests } = await serve();
  const [small, large, other] = await Promise.all([
    client.mirror.query('small'),
    client.mirror.query(ids(400)),
    client.mirror.query('other'),
  ]);
  expect([small, large, other]).toEqual(['small', ids(400), 'other']);
  expect(requests.map(({ method, url }) => `${method} ${url.split('?')[0]}`).toSorted()).toEqual([
    'GET /mirror,mirror',
    'POST /mirror',
  ]);
});

test('many that are large together are one POST, and larger ones a request each', async () => {
  const { client, requests } = await serve();
  await Promise.all(Array.from({ length: 10 }, () => client.mirror.query(ids(40))));
  await Promise.all(Array.from({ length: 3 }, () => client.mirror.query(ids(100))));
  expect(requests.map(({ method, url }) => `${method} ${url.split('?')[0]}`)).toEqual([
    `POST /${Array.from({ length: 10 }, () => 'mirror').join()}`,
    'GET /mirror',
    'GET /mirror',
    'GET /mirror',
  ]);
});

test.each([
  ['httpLink', httpLink],
  ['httpBatchLink', httpBatchLink],
  ['httpBatchStreamLink', httpBatchStreamLink],
])('an %s of the app’s own sends by POST what fits into no address', async (name, terminating) => {
  const { auth, url, router, requests } = await serve();
  const client = createTRPCClient<typeof router>({
    links: [auth.link(), terminating({ ...auth.httpOptions(), url: `${url}/?tenant=1` })],
  });
  const text = 'ä & ?input= %26 + # \u2028';
  expect(await client.mirror.query([text, ...ids(400)])).toEqual([text, ...ids(400)]);
  expect(await Promise.all([client.mirror.query('small'), client.mirror.query(ids(400))])).toHaveLength(2);
  const sent = requests.map(({ method, url: to }) => `${method} ${to.slice(0, 40)}`);
  expect(sent[0]).toMatch(name === 'httpLink' ? /^POST \/mirror\?tenant=1$/ : /^POST \/mirror\?tenant=1&batch=1$/);
  expect(sent).toHaveLength(name === 'httpLink' ? 3 : 2);
});

test('a large query by POST is refreshed for like any other', async () => {
  const { client, valid, refreshes } = await serve();
  valid.clear();
  expect(await client.mirror.query(ids(400))).toHaveLength(400);
  expect(refreshes()).toBe(2);
});

test('an input that cannot be written down rejects its own call alone', async () => {
  const { client } = await serve();
  const circular: unknown[] = [];
  circular.push(circular);
  const [bad, good] = await Promise.allSettled([client.mirror.query(circular), client.mirror.query('good')]);
  expect(bad).toMatchObject({ status: 'rejected', reason: { message: expect.stringContaining('circular') } });
  expect(good).toMatchObject({ status: 'fulfilled', value: 'good' });
});

test('forms, files and bytes are sent as they are, each by itself', async () => {
  const { client, requests } = await serve();
  const form = new FormData();
  form.set('name', 'Ada');
  const [sent, blob, bytes, small] = await Promise.all([
    client.upload.mutate(form),
    client.upload.mutate(new Blob(['a file'])),
    client.upload.mutate(new TextEncoder().encode('bytes')),
    client.mirror.query('small'),
  ]);
  expect([sent, blob, bytes, small]).toEqual([{ name: 'Ada' }, 'a file', 'bytes', 'small']);
  expect(requests).toHaveLength(4);
});

test('an upload whose token has expired is sent once more', async () => {
  const { client, valid, refreshes } = await serve();
  valid.clear();
  const form = new FormData();
  form.set('name', 'Ada');
  expect(await client.upload.mutate(form)).toEqual({ name: 'Ada' });
  expect(refreshes()).toBe(2);
});
