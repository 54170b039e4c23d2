import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TEST_PAGE } from '#testing/app-server.ts';
import type { Answer } from './kit/http.ts';
import { bearer, cookieOf, LISTED_ORIGIN, openTarget, type Target } from './kit/target.ts';

/** http-app.test.ts has the exact values: here is every status that can be brought about from outside. */
let target: Target;
beforeAll(async () => {
  target = await openTarget();
});
afterAll(() => target.stop());

const HSTS = /^max-age=31536000; includeSubDomains$/;

const isHardened = ({ headers }: Answer): void => {
  expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
  expect(headers['content-security-policy']).not.toMatch(/unsafe|\*|http:/);
  expect(headers).toMatchObject({
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  });
  for (const name of ['x-powered-by', 'server', 'x-aspnet-version', 'via']) expect(headers[name]).toBeUndefined();
};

const post = (at: Target, procedure: string, body: string, headers = {}) =>
  at.send({
    method: 'POST',
    target: `/api/trpc/${procedure}`,
    headers: { 'x-latchkey': '1', 'content-type': 'application/json', ...headers },
    body,
  });

describe('an answer of the app has all its headers and an id, with status', () => {
  const ways: [number, string, (at: Target) => Promise<Answer>][] = [
    [200, 'of a page', (at) => at.send({ target: '/', headers: { accept: 'text/html' } })],
    [200, 'of a query', (at) => at.query('user.me', bearer(at.victim))],
    [200, 'of a grant', (at) => at.mutate('auth.refresh', undefined, cookieOf(at.victim))],
    [200, 'of HEAD', (at) => at.send({ method: 'HEAD', target: '/', headers: { accept: 'text/html' } })],
    [200, 'of a streamed batch', (at) => at.query('auth.claims?batch=1', { 'trpc-accept': 'application/jsonl' })],
    [
      204,
      'of a preflight',
      (at) => at.send({ method: 'OPTIONS', target: '/api/trpc/user.me', headers: { origin: LISTED_ORIGIN } }),
    ],
    [
      206,
      'of a part of a file',
      (at) => at.send({ target: '/assets/index-abc123.js', headers: { range: 'bytes=0-3' } }),
    ],
    [207, 'of a batch of which some is refused', (at) => at.query('auth.claims,no.such?batch=1', bearer(at.victim))],
    [
      304,
      'of a page that did not change',
      async (at) =>
        at.send({
          target: '/',
          headers: {
            accept: 'text/html',
            'if-none-match': (await at.send({ target: '/', headers: { accept: 'text/html' } })).headers.etag,
          },
        }),
    ],
    [400, 'of an input', (at) => post(at, 'auth.login', '{}')],
    [400, 'of a path', (at) => at.query('%')],
    [401, 'of the gate', (at) => at.query('user.me')],
    [401, 'of a login', (at) => post(at, 'auth.login', '{"username":"nobody","password":"nobodys words"}')],
    [403, 'of the guard', (at) => post(at, 'auth.login', '{}', { origin: 'https://evil.example' })],
    [404, 'of a file', (at) => at.send({ target: '/missing.js' })],
    [404, 'of a procedure', (at) => at.query('no.such')],
    [404, 'of the API', (at) => at.send({ target: '/api/missing' })],
    [405, 'of a method', (at) => at.send({ method: 'DELETE', target: '/api/trpc/user.me' })],
    [
      409,
      'of a name that is taken',
      (at) =>
        post(
          at,
          'auth.register',
          JSON.stringify({
            username: at.victim.username,
            email: 'another@mail.example',
            password: 'another ones words',
          }),
        ),
    ],
    [413, 'of a body', (at) => post(at, 'auth.login', 'x'.repeat(100_001))],
    [415, 'of a type', (at) => post(at, 'auth.login', 'x', { 'content-type': 'text/plain' })],
    [
      416,
      'of a part that there is not',
      (at) => at.send({ target: '/assets/index-abc123.js', headers: { range: 'bytes=99999999-' } }),
    ],
    [
      429,
      'of a limit',
      async (at) => {
        const guess = () =>
          post(at, 'auth.login', '{"username":"one_name","password":"nobodys words"}', {
            'x-forwarded-for': '203.0.113.7',
          });
        for (let round = 0; round < 5; round += 1) await guess();
        return guess();
      },
    ],
  ];
  test.each(ways)('%i %s', async (status, _what, run) => {
    const answer = await run(target);
    expect(answer.status).toBe(status);
    isHardened(answer);
    expect(answer.headers['strict-transport-security']).toMatch(HSTS);
    expect(answer.headers['x-request-id']).toMatch(/^[\w-]{36}$/);
    if (answer.text !== '' && answer.text !== TEST_PAGE && status !== 206) {
      expect(answer.headers['cache-control']).toBe('no-store');
      expect(answer.headers['content-type']).toMatch(/^(?:application\/jsonl?|text\/plain)/);
    }
    await target.isUnharmed();
  });
});

describe('what is no request of ours is answered as strictly, and its connection ends, with status', () => {
  const POST_CHUNKS =
    'POST /api/trpc/auth.login HTTP/1.1\r\nHost: x\r\nx-latchkey: 1\r\ncontent-type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
  const GET = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n';
  test.each([
    [400, 'no HTTP', 'hello\r\n\r\n'],
    [400, 'TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    [400, 'another protocol', 'SSH-2.0-OpenSSH_9.0\r\n'],
    [400, 'a line break in a header', `${GET}x: a\x00b\r\n\r\n`],
    [400, 'two lengths', `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx`],
    [
      400,
      'a length and chunks',
      `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    [400, 'a negative length', `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n`],
    [
      400,
      'chunks that are last but one',
      `POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
    ],
    [400, 'a space before the colon', `${GET}x : y\r\n\r\n`],
    [400, 'a header over two lines', `${GET}x: y\r\n z\r\n\r\n`.replace('x: y\r\n z', ' folded: y')],
    [431, 'a header that is too long', `${GET}x: ${'y'.repeat(20_000)}\r\n\r\n`],
    [431, 'a cookie that is too long', `${GET}cookie: a=${'y'.repeat(20_000)}\r\n\r\n`],
    [400, 'a body in chunks of no size', `${POST_CHUNKS}zz\r\nhello\r\n`],
    [413, 'chunks with too much beside them', `${POST_CHUNKS}1;${'y'.repeat(20_000)}\r\nx\r\n0\r\n\r\n`],
    [405, 'a tunnel', 'CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n'],
  ])('%i for %s', async (status, _what, bytes) => {
    const before = target.server.log.records().length;
    const answer = await target.sendBytes(bytes);
    expect(answer.status).toBe(status);
    isHardened(answer);
    expect(answer.headers).toMatchObject({
      'cache-control': 'no-store',
      connection: 'close',
      'content-type': bytes.includes('/api/') ? 'application/json' : 'text/plain; charset=utf-8',
    });
    if (bytes.includes('/api/')) {
      const shape = { message: expect.any(String), code: expect.any(Number) };
      expect(JSON.parse(answer.text)).toMatchObject({ error: { ...shape, data: { httpStatus: status } } });
    }
    expect(answer.headers['strict-transport-security']).toMatch(HSTS);
    const requestId = answer.headers['x-request-id'];
    expect(requestId).toMatch(/^[\w-]{36}$/);
    expect(answer.text).toContain(requestId);
    expect(target.server.log.records().slice(before)).toContainEqual(expect.objectContaining({ requestId, status }));
    await target.isUnharmed();
  });

  test('what cannot be read ends a connection whose last request is not answered yet, without a word', async () => {
    const { text, status } = await target.sendBytes(
      `POST /api/trpc/auth.login HTTP/1.1\r\nHost: x\r\nx-latchkey: 1\r\ncontent-type: application/json\r\ncontent-length: 42\r\n\r\n{"username":"nobody","password":"whatever"}no HTTP\r\n\r\n`,
    );
    expect([status, text]).toEqual([0, '']);
    await target.isUnharmed();
  });

  test('an expectation that nobody knows is ignored', async () => {
    const answer = await target.sendBytes(
      'GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: the-unexpected\r\n\r\n',
    );
    expect(answer.status).toBe(200);
    isHardened(answer);
    await target.isUnharmed();
  });

  test('a request that is smuggled behind another is a request of its own, without its credentials', async () => {
    const inner = 'GET /api/trpc/user.me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
    const { text } = await target.sendBytes(
      `POST /api/trpc/auth.refresh HTTP/1.1\r\nHost: x\r\ncontent-type: application/json\r\nauthorization: Bearer ${target.victim.accessToken}\r\ncontent-length: 0\r\n\r\n${inner}`,
    );
    expect(text).toContain('origin_not_allowed');
    expect(text).toContain('access_token_missing');
    await target.isUnharmed();
  });
});
