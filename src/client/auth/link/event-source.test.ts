import { expect, test } from 'vitest';
import { refusal } from '../testing/server.ts';
import { createEventSourceOptions } from './event-source.ts';

/** What an EventSource is handed when a server answers its request so. */
const handed = (response: Response): Promise<Response> => {
  const options = createEventSourceOptions({ fetch: () => Promise.resolve(response) }, () => ({}));
  const op = { id: 1, type: 'subscription', path: 'news', input: undefined, context: {}, signal: null } as const;
  return options({ op }).fetch('/api/trpc/news', {});
};

test('a refusal before the stream is told as one within it', async () => {
  const { body } = refusal('origin_not_allowed');
  const response = await handed(Response.json(body, { status: 403 }));
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const [event = '', data = ''] = (await response.text()).split('\n');
  expect(event).toBe('event: serialized-error');
  expect({ error: JSON.parse(data.replace('data: ', '')) }).toEqual(body);
});

test.each([
  ['a proxy’s page', new Response('<h1>Bad gateway</h1>', { status: 502 })],
  ['somebody else’s JSON', Response.json({ error: 'No.' }, { status: 403 })],
  ['an empty answer', new Response(null, { status: 401 })],
])('%s is no refusal: the EventSource is told the status and no more', async (_, response) => {
  expect(await handed(response)).toBe(response);
});

test('a stream is handed on as it is, unread', async () => {
  const response = new Response('data: 1\n\n', { headers: { 'content-type': 'text/event-stream' } });
  expect(await handed(response)).toBe(response);
  expect(response.bodyUsed).toBe(false);
});
