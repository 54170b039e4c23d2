import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { startAppServer } from '#testing/app-server.ts';
import { createBrowser } from './browser.ts';

test('a server that stops ends its live streams with a word that makes clients come back, and is not held up by them', async () => {
  const server = await startAppServer({ PUBLIC_URL: 'http://localhost' });
  const browser = createBrowser(() => server.url);
  const input = { username: 'ada', email: 'ada@mail.example', password: 'correct horse battery staple' };
  await browser.call('auth.register', { input });

  const headers = { authorization: `Bearer ${browser.accessToken}`, accept: 'text/event-stream', 'x-latchkey': '1' };
  let stopped: Promise<void> | undefined;
  const stream = await new Promise<string>((resolve, reject) => {
    request(`${server.url}/api/trpc/notes.onChange`, { headers, agent: false }, (response) => {
      // Rejects when the connection is cut off: it must come to its end.
      text(response).then(resolve, reject);
      response.once('data', () => {
        stopped = server.stop();
      });
    })
      .on('error', reject)
      .end();
  });
  expect(stream).toContain('"reason":"unavailable"');
  await stopped;
  expect(server.log.text()).not.toContain('could not be closed');
});
