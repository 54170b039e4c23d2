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

test('many that fit one by one are as many requests as it takes, each by GET', async () => {
  const { client, requests } = await serve();
  await Promise.all(Array.from({ length: 10 }, () => client.mirror.query(ids(40))));
  expect(requests.length).toBeGreaterThan(1);
  for (const { method, url } of requests) {
    expect(method).toBe('GET');
    expect(url.length).toBeLessThan(8_000);
  }
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
