import { TRPCClientError } from '@trpc/client';
import { expect, test } from 'vitest';
import { bundleClient } from '#testing/client-bytes.ts';
import { createTestClock } from '../testing/clock.ts';
import { refusal, userOf } from '../testing/server.ts';
import { createMistakes, type Exchange } from './mistakes.ts';
import { createProcedureCaller } from './procedure-caller.ts';
import { noTransformer } from './transformer.ts';

const granted = { accessToken: 'a', expiresIn: 900, user: userOf('ada') };

/** What is said of answers, one after the other. */
const saidOf = (exchanges: Exchange[], url = '/trpc', page = 'https://app.example.com'): string[] => {
  const lines: string[] = [];
  const tell = createMistakes(url, page, (line) => lines.push(line));
  for (const exchange of exchanges) tell(exchange);
  return lines;
};

/** How the engine's own call fails when a server answers so. */
const failedBy = async (answer: () => Promise<Response>): Promise<string[]> => {
  const lines: string[] = [];
  const clock = createTestClock();
  const call = createProcedureCaller(
    'https://api.example.com/trpc',
    // Only what it uses.
    { ...environment, ...clock, fetch: answer, report: (line) => lines.push(line) },
    noTransformer,
  );
  for (let turn = 0; turn < 2; turn += 1) await call({ path: 'auth.refresh', signals: [] });
  return lines;
};

const environment = {
  random: () => 0,
  hint: null,
  isOnline: () => true,
  onConnection: () => () => undefined,
  isVisible: () => true,
  onWake: () => () => undefined,
  onHide: () => () => undefined,
};

const errorOf = (reason: Parameters<typeof refusal>[0]): TRPCClientError<never> => {
  const { body } = refusal(reason);
  return TRPCClientError.from(body instanceof Object ? body : new Error('No body.'));
};

test('another step before a session is no mistake', () => {
  expect(saidOf([{ path: 'auth.login', data: { next: 'second_factor' } }])).toEqual([]);
});

test('an answer in another form is told as the transformer’s, once', async () => {
  const lines = saidOf([
    { path: 'auth.login', data: { json: granted } },
    { path: 'auth.refresh', data: { json: granted } },
  ]);
  expect(lines).toEqual([expect.stringMatching(/^Latchkey: auth\.login .*transformer/)]);
  const body = { error: { json: { message: 'No.', code: -32001, data: {} } } };
  expect(await failedBy(async () => Response.json(body, { status: 401 }))).toEqual([
    expect.stringContaining('transformer'),
  ]);
});

test('a page, or a 404 that is not tRPC’s, is told as the wrong address, once', async () => {
  const html = { headers: { 'content-type': 'text/html' } };
  expect(await failedBy(async () => new Response('<!doctype html>', html))).toEqual([
    expect.stringContaining('not where tRPC is mounted'),
  ]);
  expect(await failedBy(async () => Response.json({ error: { message: 'Not found' } }, { status: 404 }))).toHaveLength(
    1,
  );
});

test('a router without the procedures, a foreign origin and cookies that are not kept have words of their own', () => {
  const missing = TRPCClientError.from({ error: { message: 'No.', code: -32004, data: { code: 'NOT_FOUND' } } });
  expect(saidOf([{ path: 'auth.refresh', error: missing }])).toEqual([expect.stringContaining('...auth.routers')]);
  const [origin] = saidOf([{ path: 'auth.login', error: errorOf('origin_not_allowed') }]);
  expect(origin).toContain('https://app.example.com');
  const without = { path: 'auth.refresh', error: errorOf('refresh_token_missing') };
  expect(saidOf([without])).toEqual([]);
  const signIn = { path: 'auth.login', data: granted };
  expect(saidOf([signIn, without])).toEqual([expect.stringContaining('of one site')]);
  // Somebody has signed out in another tab meanwhile.
  expect(saidOf([signIn, { path: 'auth.refresh', data: granted }, without])).toEqual([]);
});

test('no answer is told as CORS on another origin, and not at all on the page’s own', () => {
  const lost = TRPCClientError.from(new TypeError('Failed to fetch'));
  const lines = saidOf([{ path: 'auth.refresh', error: lost }], 'https://api.example.com/trpc');
  expect(lines).toEqual([expect.stringContaining('allowedOrigins')]);
  expect(saidOf([{ path: 'auth.refresh', error: lost }])).toEqual([]);
});

test.each([
  ['http://localhost:5173', 'http://127.0.0.1:3000/trpc'],
  ['http://localhost:5173', 'http://api.localhost:3000/trpc'],
  ['http://app.localhost', 'http://api.localhost/trpc'],
  ['http://10.0.0.1', 'http://11.0.0.1/trpc'],
  ['http://[::1]:5173', 'http://localhost:3000/trpc'],
  ['https://app.example.com', 'https://api.example.net/trpc'],
  ['https://example.com', 'https://example.org/trpc'],
])('a page at %s with its API at %s is told of two sites at once, and not again', (page, url) => {
  const without = { path: 'auth.refresh', error: errorOf('refresh_token_missing') };
  const lines = saidOf([{ path: 'auth.login', data: granted }, without], url, page);
  expect(lines).toEqual([expect.stringMatching(/^Latchkey: .* of two sites/)]);
  expect(lines[0]).toContain(page);
});

test.each([
  ['http://localhost:5173', 'http://localhost:3000/trpc'],
  ['http://127.0.0.1:5173', '/trpc'],
  ['https://app.example.com', 'https://api.example.com/trpc'],
  ['https://example.com', 'https://api.eu.example.com/trpc'],
  // Only the list of public suffixes knows.
  ['https://a.co.uk', 'https://b.co.uk/trpc'],
  ['', '/trpc'],
])('a page at %s with its API at %s may be of one site, and nothing is said', (page, url) => {
  expect(saidOf([], url, page)).toEqual([]);
});

test('what is nobody’s mistake is not told', () => {
  const reasons = ['session_expired', 'unavailable', 'invalid_credentials', 'rate_limited'] as const;
  expect(saidOf(reasons.map((reason) => ({ path: 'auth.login', error: errorOf(reason) })))).toEqual([]);
  expect(saidOf([{ path: 'auth.logout', data: { ok: true } }])).toEqual([]);
});

test('nothing of it is in a bundle for production', async () => {
  const code = await bundleClient();
  expect(code).not.toContain('Latchkey:');
  expect(code).not.toContain('NODE_ENV');
  expect(code).not.toContain('console');
});
