import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TEST_PAGE } from '#testing/app-server.ts';
import type { Answer } from './kit/http.ts';
import { bearer, openTarget, type Target } from './kit/target.ts';

let target: Target;
beforeAll(async () => {
  target = await openTarget();
});
afterAll(() => target.stop());

const get = (line: string, headers: Record<string, string> = {}): Promise<Answer> => {
  const all = { Host: 'app.example.com', Connection: 'close', ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return target.sendBytes(`GET ${line} HTTP/1.1\r\n${lines.join('')}\r\n`);
};

const isOurs = ({ headers, text }: Answer): void => {
  expect(headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
  });
  expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
  expect(headers['x-request-id']).toMatch(/^[\w-]{36}$/);
  if (text !== TEST_PAGE) expect(text).not.toContain('<');
};

describe('a target in absolute form is the path in it, whichever host it names', () => {
  test.each(['http://app.example.com', 'https://evil.example', 'HTTP://u:p@[', 'http://127.0.0.1:1'])(
    '%s',
    async (authority) => {
      const page = await get(`${authority}/sign-in`, { Accept: 'text/html' });
      expect([page.status, page.text]).toEqual([200, TEST_PAGE]);
      const known = await get(`${authority}/api/trpc/user.me`, { Authorization: bearer(target.victim).authorization });
      expect(known.status).toBe(200);
      const missing = await get(`${authority}/api/no.such`);
      expect([missing.status, missing.headers['content-type']]).toEqual([404, 'application/json; charset=utf-8']);
      for (const answer of [page, known, missing]) isOurs(answer);
      await target.isUnharmed();
    },
  );
});

// Node.js' old parser, which Express falls back to for these, finds no path in some.
describe('a target with a fragment is answered as any other', () => {
  test.each(['//a@?#', '/api/trpc//a@?batch=1#', '/api/trpc/user.me#?batch=1'])('%j', async (line) => {
    const page = await get(line, { Accept: 'text/html' });
    expect(page.status).toBe(line.includes('user.me') ? 401 : line.startsWith('/api/') ? 404 : 200);
    isOurs(page);
    await target.isUnharmed();
  });
});

describe('a target that names nothing here is refused in our own form', () => {
  test.each(['*', '*a', 'http://', 'http:///', 'ftp://app.example.com/', 'javascript://x/%0aalert(1)'])(
    '%s',
    async (line) => {
      const answer = await get(line, { Accept: 'text/html' });
      expect(answer.status).toBe(400);
      isOurs(answer);
      await target.isUnharmed();
    },
  );

  test('so is a request without a host', async () => {
    const answer = await target.sendBytes('GET / HTTP/1.1\r\nConnection: close\r\n\r\n');
    expect(answer.status).toBe(400);
    isOurs(answer);
    expect((await target.sendBytes('GET /healthz HTTP/1.0\r\n\r\n')).status).toBe(200);
    await target.isUnharmed();
  });
});

test('a user and a password in a target do not reach the log', async () => {
  target.keepSecret('canary-of-the-url');
  for (const line of [
    'http://ada:canary-of-the-url@app.example.com/api/trpc/user.me',
    'http://ada:canary-of-the-url@app.example.com/missing.js',
    '//ada:canary-of-the-url@app.example.com/missing.js',
    '/x/http://ada:canary-of-the-url@app.example.com/missing.js',
    '/api/trpc/https://canary-of-the-url@app.example.com/user.me',
    'ftp://ada:canary-of-the-url@app.example.com/',
    'http://ada:canary-of-the-url@',
  ]) {
    await get(line);
  }
  await target.isUnharmed();
});

test('nobody but a trusted proxy names a request', async () => {
  const idOf = async (at: Target, id: string) =>
    (await at.send({ target: '/healthz', headers: { 'x-request-id': id } })).headers['x-request-id'];
  expect(await idOf(target, '0af7651916cd43dd8448eb211c80319c')).toBe('0af7651916cd43dd8448eb211c80319c');
  for (const id of ['short', 'x'.repeat(65), 'with space', '{"level":"fatal"}', '../../../etc']) {
    expect(await idOf(target, id)).toMatch(/^[\w-]{36}$/);
  }
  for (const TRUST_PROXY of ['', '192.0.2.1']) {
    const other = await openTarget({ TRUST_PROXY });
    expect(await idOf(other, '0af7651916cd43dd8448eb211c80319c')).toMatch(/^[\w-]{36}$/);
    await other.stop();
  }
});
