import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startAppServer } from '#testing/app-server.ts';
import { startTcpProxy } from '#testing/tcp-proxy.ts';
import { createTestDatabase } from '#testing/test-database.ts';
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
  expect(server.log.text()).not.toContain('A step of the shutdown failed');
});

test('a server whose database has become half-open stops without waiting for it: its connections are still there then', async () => {
  const database = await createTestDatabase();
  const proxy = await startTcpProxy(database.url);
  const server = await startAppServer({ DATABASE_URL: proxy.url });
  proxy.freeze();
  await delay(2_000); // The feed asks once a second, and each question has 12 seconds.
  await server.stop();
  expect(proxy.connections()).toBeGreaterThan(0);
  expect(server.log.text()).toContain('The store does not answer; stopping without closing it');
  await proxy.shut();
  await database.drop();
}, 60_000);
