import { once } from 'node:events';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { cookieNames } from 'latchkey/shared';
import { afterEach, expect, test, vi } from 'vitest';
import { z } from 'zod/v4';
import { type AppServer, startAppServer } from '#testing/app-server.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('There is no port.');
  return address.port;
};

const start = async (env: NodeJS.ProcessEnv = {}): Promise<{ server: AppServer; metricsUrl: string }> => {
  const port = await freePort();
  const server = await startAppServer({ METRICS_PORT: String(port), ...env });
  cleanUps.push(() => server.stop());
  return { server, metricsUrl: `http://127.0.0.1:${port}/metrics` };
};

const headers = { 'x-latchkey': '1', 'content-type': 'application/json' };
const mutate = (server: AppServer, procedure: string, input?: unknown, more: Record<string, string> = {}) =>
  fetch(`${server.url}/api/trpc/${procedure}`, {
    method: 'POST',
    headers: { ...headers, ...more },
    ...(input !== undefined && { body: JSON.stringify(input) }),
  });
const ada = { username: 'ada', email: 'ada@mail.example', password: 'correct horse battery staple' };

const read = async (url: string): Promise<string> => {
  const response = await fetch(url);
  expect([response.status, response.headers.get('content-type')]).toEqual([
    200,
    'text/plain; version=0.0.4; charset=utf-8',
  ]);
  return await response.text();
};

/** The value of a metric, by its name and labels as they are written. */
const valueOf = (text: string, name: string): number | undefined => {
  const line = text.split('\n').find((each) => each.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
};

test('tells what became of refreshes, calls, attempts, subscriptions, the feed, the queue and the process', async () => {
  const { server, metricsUrl } = await start();
  const registered = await mutate(server, 'auth.register', ada);
  const cookie = registered.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0])
    .join('; ');
  const grant = z.object({ result: z.object({ data: z.object({ accessToken: z.string() }) }) });
  const authorization = `Bearer ${grant.parse(await registered.json()).result.data.accessToken}`;
  await (await mutate(server, 'auth.refresh', undefined, { cookie })).text();
  const { refresh } = cookieNames(new URL(server.config.publicUrl));
  await (await mutate(server, 'auth.refresh', undefined, { cookie: `${refresh}=garbage` })).text();
  await (
    await fetch(`${server.url}/api/trpc/auth.claims,user.me,auth.claims?batch=1`, { headers: { authorization } })
  ).text();
  await (await fetch(`${server.url}/api/trpc/user.me`)).text();
  for (let attempts = 0; attempts < 6; attempts += 1) {
    await (await mutate(server, 'auth.login', { username: 'ada', password: 'not the password' })).text();
  }
  await (await fetch(`${server.url}/api/trpc/made.up.by.a.client`)).text();
  const stream = request(`${server.url}/api/trpc/notes.onChange`, { headers: { authorization } });
  stream.on('error', () => {});
  stream.end();
  await once(stream, 'response');

  await vi.waitFor(async () => {
    const text = await read(metricsUrl);
    expect(valueOf(text, 'latchkey_refused_calls_total{reason="NOT_FOUND"}')).toBe(1);
    expect(valueOf(text, 'latchkey_refused_calls_total{reason="access_token_missing"}')).toBe(1);
    expect(valueOf(text, 'latchkey_refused_calls_total{reason="rate_limited"}')).toBe(1);
    expect(valueOf(text, 'latchkey_open_subscriptions')).toBe(1);
  });
  const text = await read(metricsUrl);
  expect(valueOf(text, 'latchkey_refreshes_total{outcome="replay"}')).toBe(1);
  expect(valueOf(text, 'latchkey_refreshes_total{outcome="refresh_token_invalid"}')).toBe(1);
  expect(valueOf(text, 'latchkey_refresh_token_reuse_total')).toBe(0);
  expect(valueOf(text, 'latchkey_auth_events_total{event="account.registered"}')).toBe(1);
  expect(valueOf(text, 'latchkey_rate_limited_total{limit="pair"}')).toBe(1);
  expect(valueOf(text, 'latchkey_call_duration_seconds_count{procedure="auth.claims",result="ok"}')).toBe(2);
  expect(valueOf(text, 'latchkey_call_duration_seconds_count{procedure="user.me",result="ok"}')).toBe(1);
  expect(valueOf(text, 'latchkey_call_duration_seconds_count{procedure="user.me",result="error"}')).toBe(1);
  expect(valueOf(text, 'latchkey_call_duration_seconds_count{procedure="auth.login",result="error"}')).toBe(6);
  expect(valueOf(text, 'latchkey_revocation_feed_live')).toBe(1);
  expect(valueOf(text, 'latchkey_revocation_feed_lag_seconds')).toBeLessThan(1);
  expect(valueOf(text, 'latchkey_password_queue_length')).toBe(0);
  expect(valueOf(text, 'latchkey_mails_waiting')).toBe(0);
  expect(valueOf(text, 'latchkey_purged_rows_total{kind="sessions"}')).toBe(0);
  expect(valueOf(text, 'latchkey_purged_rows_total{kind="note_changes"}')).toBe(0);
  expect(valueOf(text, 'nodejs_eventloop_lag_seconds')).toBeGreaterThanOrEqual(0);
  // No label holds what a client made up, or whom it is about.
  expect(text).not.toMatch(/made\.up|ada|mail\.example|127\.0\.0\.1/);

  await (await mutate(server, 'auth.logout', undefined, { cookie })).text();
  expect(valueOf(await read(metricsUrl), 'latchkey_sessions_ended_total{cause="logout"}')).toBe(1);
  stream.destroy();
});

test('has a port of its own, and nothing else is there', async () => {
  const { server, metricsUrl } = await start();
  expect(await (await fetch(`${server.url}/metrics`)).text()).not.toContain('latchkey_');
  expect((await fetch(new URL('/api/trpc/auth.claims', metricsUrl))).status).toBe(404);
  expect((await fetch(metricsUrl, { method: 'POST' })).status).toBe(404);
  await server.stop();
  await expect(fetch(metricsUrl)).rejects.toThrow('fetch failed');
});

test('a port that is taken is said by the name of its variable, and leaves nothing open', async () => {
  const { metricsUrl } = await start();
  const { port } = new URL(metricsUrl);
  await expect(startAppServer({ METRICS_PORT: port })).rejects.toThrow(
    `Port ${port} is taken by another program. Stop it, or choose another one with METRICS_PORT.`,
  );
});
