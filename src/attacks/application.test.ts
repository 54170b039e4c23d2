import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { errorsIn } from './kit/answers.ts';
import type { Answer } from './kit/http.ts';
import { bearer, cookieOf, openTarget, type Target } from './kit/target.ts';
import { type Attack, withstand } from './kit/withstand.ts';

let target: Target;
beforeAll(async () => {
  target = await openTarget();
});
afterAll(() => target.stop());

/** A POST as bytes, so that its first line and its Host are what no client would send. */
const postBytes = (
  at: Target,
  line: string,
  { host = 'app.example.com', body = '{}', more = '' } = {},
): Promise<Answer> =>
  at.sendBytes(
    `POST ${line} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nx-latchkey: 1\r\ncontent-type: application/json\r\n` +
      `cookie: ${cookieOf(at.victim).cookie}\r\n${more}content-length: ${body.length}\r\n\r\n${body}`,
  );

const notAllowed = { status: 400, reason: 'transport_not_allowed' };
const notFound = { status: 404, reason: 'NOT_FOUND' };

describe('two refreshes never travel as one call', () => {
  withstand(
    () => target,
    [
      ['with a fragment behind the batch', '/api/trpc/auth.refresh,auth.refresh?batch=1#'],
      ['with a fragment and more behind the batch', '/api/trpc/auth.refresh,auth.refresh?batch=1#&batch=0'],
      ['with an escaped digit', '/api/trpc/auth.refresh,auth.refresh?batch=%31'],
      ['with an escaped name', '/api/trpc/auth.refresh,auth.refresh?b%61tch=1'],
      ['with another batch behind', '/api/trpc/auth.refresh,auth.refresh?batch=1&batch=0'],
      ['with an escaped comma', '/api/trpc/auth.refresh%2Cauth.refresh?batch=1'],
      ['with a different procedure', '/api/trpc/auth.refresh,auth.logout?batch=1'],
      ['with company that there is not', '/api/trpc/auth.refresh,no.such?batch=1'],
      ['with an empty companion', '/api/trpc/auth.refresh,?batch=1'],
      ['in absolute form', 'http://app.example.com/api/trpc/auth.refresh,auth.refresh?batch=1'],
      ['in absolute form of another host', 'http://evil.example/api/trpc/auth.refresh,auth.refresh?batch=1'],
      ['behind slashes', '/api/trpc/////auth.refresh,auth.refresh?batch=1'],
      ['behind another host', '/api/trpc//evil.example/auth.refresh,auth.refresh?batch=1'],
      ['behind a question', '/api/trpc/auth.refresh,auth.refresh??batch=0&batch=1'],
    ].map(([what = '', line = '']): Attack => ({ what, run: (at) => postBytes(at, line), ...notAllowed })),
  );
});

describe('what stands behind a fragment says nothing', () => {
  const run = (at: Target) => postBytes(at, '/api/trpc/auth.refresh,auth.refresh#?batch=1');
  withstand(() => target, [{ what: 'a batch', run, ...notFound }]);
});

describe('a path finds its procedure or nothing', () => {
  const GET = (line: string) => (at: Target) =>
    at.sendBytes(`GET ${line} HTTP/1.1\r\nHost: app.example.com\r\nConnection: close\r\n\r\n`);
  const paths: [string, number, string | undefined][] = [
    ['/api/trpc/__proto__', 404, 'NOT_FOUND'],
    ['/api/trpc/constructor', 404, 'NOT_FOUND'],
    ['/api/trpc/auth.__proto__', 404, 'NOT_FOUND'],
    ['/api/trpc/auth.constructor', 404, 'NOT_FOUND'],
    ['/api/trpc/auth._def', 404, 'NOT_FOUND'],
    ['/api/trpc/_def.procedures', 404, 'NOT_FOUND'],
    ['/api/trpc/toString', 404, 'NOT_FOUND'],
    ['/api/trpc/then', 404, 'NOT_FOUND'],
    ['/api/trpc/auth', 404, 'NOT_FOUND'],
    ['/api/trpc/auth.', 404, 'NOT_FOUND'],
    ['/api/trpc/', 404, 'NOT_FOUND'],
    ['/api/trpc', 404, 'NOT_FOUND'],
    ['/api/trpc/Auth.Claims', 404, 'NOT_FOUND'],
    ['/api/trpc/auth%00.claims', 404, 'NOT_FOUND'],
    ['/api/trpc/auth.claims%20', 404, 'NOT_FOUND'],
    ['/api/trpc/%', 400, 'BAD_REQUEST'],
    ['/api/trpc/%FF', 400, 'BAD_REQUEST'],
    ['/api/trpc/%c0%ae%c0%ae/auth.claims', 401, 'access_token_missing'],
    ['/api/trpc/../trpc/auth.claims', 401, 'access_token_missing'],
    ['/api/trpc/%2e%2e%2fauth.claims', 404, 'NOT_FOUND'],
    ['/api/trpc\\auth.claims', 404, 'NOT_FOUND'],
    ['/API/TRPC/auth.claims', 404, 'NOT_FOUND'],
    ['/api/./trpc/auth.claims', 404, 'NOT_FOUND'],
    ['/api//trpc/auth.claims', 404, 'NOT_FOUND'],
    ['/api/trpc;x=1/auth.claims', 404, 'NOT_FOUND'],
    ['/api/trpc/auth.claims;x=1', 404, 'NOT_FOUND'],
    ['/api/trpc/auth.claims.json', 404, 'NOT_FOUND'],
    ['/api/trpc/auth.claims/', 404, 'NOT_FOUND'],
    ['/api/trpc/user.me?input=%00', 401, 'access_token_missing'],
    ['/api/trpc/user.me?connectionParams=x', 400, 'PARSE_ERROR'],
    ['http://u:p@app.example.com/api/trpc/user.me', 401, 'access_token_missing'],
    ['http://[/api/trpc/user.me', 404, undefined],
  ];
  withstand(
    () => target,
    paths
      .filter(([, , reason]) => reason !== undefined)
      .map(
        ([line, status, reason]): Attack => ({
          what: line,
          run: GET(line),
          status,
          ...(reason !== undefined && { reason }),
        }),
      ),
  );

  test.each([
    '//api/trpc/auth.refresh',
    '/./api/trpc/auth.refresh',
    '/%61pi/trpc/auth.refresh',
    '/api%2ftrpc/auth.refresh',
    '/x/../api/trpc/auth.refresh',
    '\\api\\trpc\\auth.refresh',
    '*',
  ])('%s is not the API', async (line) => {
    const answer = await postBytes(target, line);
    expect([400, 404]).toContain(answer.status);
    expect(answer.setCookies).toEqual([]);
    await target.isUnharmed();
  });
});

describe('a Host is believed by nobody', () => {
  const hosts = [
    'evil.example',
    'u:p@app.example.com',
    '[',
    'a b',
    '',
    'app.example.com:99999',
    '../..',
    '<script>',
    '[::1',
    '%00',
  ];
  test.each(hosts)('Host: %s', async (host) => {
    const answer = await postBytes(target, '/api/trpc/auth.refresh', { host });
    expect(answer.status).toBe(200);
    if (host.length > 3) expect(answer.text + JSON.stringify(answer.headers)).not.toContain(host);
    await target.isUnharmed();
  });

  test('nor is a forwarded one', async () => {
    const headers = {
      'x-forwarded-host': 'evil.example',
      forwarded: 'host=evil.example;proto=http',
      'x-forwarded-proto': 'http',
      'x-original-url': '/api/trpc/auth.logout',
      'x-rewrite-url': '/api/trpc/auth.logout',
    };
    const answer = await target.mutate('auth.refresh', undefined, { ...cookieOf(target.victim), ...headers });
    expect(answer.status).toBe(200);
    expect(answer.text + JSON.stringify(answer.headers)).not.toContain('evil');
    for (const line of answer.setCookies) expect(line).toContain('; Secure');
    await target.isUnharmed();
  });
});

describe('an input cannot say more than it is asked', () => {
  const identity = { username: 'mallory', email: 'mallory@mail.example', password: 'mallorys own canary' };
  const refused = { status: 400, reason: 'BAD_REQUEST' };
  const bodies: [string, string, string][] = [
    ['roles at registration', 'auth.register', JSON.stringify({ ...identity, roles: ['admin'] })],
    ['an id at registration', 'auth.register', JSON.stringify({ ...identity, id: 'x' })],
    ['a confirmed e-mail at registration', 'auth.register', JSON.stringify({ ...identity, emailVerified: true })],
    [
      'a prototype at registration',
      'auth.register',
      `{"username":"mallory","email":"m@mail.example","password":"mallorys own canary","__proto__":{"roles":["admin"]}}`,
    ],
    [
      'a constructor at registration',
      'auth.register',
      JSON.stringify({ ...identity, constructor: { prototype: { roles: ['admin'] } } }),
    ],
    ['a list for a username', 'auth.login', JSON.stringify({ username: ['mallory'], password: 'x' })],
    ['an object for a username', 'auth.login', JSON.stringify({ username: { $ne: null }, password: { $ne: null } })],
    ['a number for a password', 'auth.login', JSON.stringify({ username: 'mallory', password: 0 })],
    ['true for a password', 'auth.login', JSON.stringify({ username: 'mallory', password: true })],
    ['null for a password', 'auth.login', JSON.stringify({ username: 'mallory', password: null })],
    ['a NUL in a username', 'auth.login', JSON.stringify({ username: 'mal\0lory', password: 'x' })],
    ['a list for the whole', 'auth.login', '[]'],
    ['a text for the whole', 'auth.login', '"x"'],
    ['nothing', 'auth.login', ''],
    ['an empty object', 'auth.login', '{}'],
    ['half a JSON', 'auth.login', '{"username":'],
    ['two JSONs', 'auth.login', '{}{}'],
    ['a comment', 'auth.login', '{/**/}'],
    ['a byte order mark', 'auth.login', '\ufeff[]'],
  ];
  withstand(
    () => target,
    bodies.map(
      ([what, procedure, body]): Attack => ({
        what,
        run: (at) =>
          at.send({
            method: 'POST',
            target: `/api/trpc/${procedure}`,
            headers: { 'x-latchkey': '1', 'content-type': 'application/json' },
            body,
          }),
        ...refused,
      }),
    ),
  );

  test('an injection is a name that nobody has', async () => {
    for (const username of [
      "' or '1'='1",
      '" or ""="',
      "admin'--",
      '%',
      '_',
      '\\',
      '${7*7}',
      '{{7*7}}',
      '*)(uid=*',
      '../../etc/passwd',
      '<svg onload=alert(1)>',
    ]) {
      const answer = await target.mutate('auth.login', { username, password: 'whatever it takes' });
      expect(errorsIn(answer)[0]?.data.reason).toBe('invalid_credentials');
      if (username.length > 1) expect(answer.text).not.toContain(username);
    }
    await target.isUnharmed();
  });
});

describe('another user’s things are not there', () => {
  test('neither sessions nor notes, by no id and no cursor', async () => {
    const attacker = await target.register();
    await target.mutate(
      'notes.create',
      { id: '6f1e1d1c-1b1a-4919-8817-161514131211', text: 'mine' },
      bearer(target.victim),
    );
    const sessions = await target.query('sessions.list', bearer(target.victim));
    const id = /"id":"([^"]+)"/.exec(sessions.text)?.[1] ?? '';
    expect(id).toMatch(/^[\w-]{36}$/);
    const mine = { ...bearer(attacker), ...cookieOf(attacker) };
    expect((await target.mutate('sessions.revoke', { id }, mine)).status).toBe(404);
    expect((await target.mutate('notes.delete', { id: '6f1e1d1c-1b1a-4919-8817-161514131211' }, mine)).status).toBe(
      404,
    );
    expect((await target.query('notes.list', mine)).text).not.toContain('mine');
    await target.mutate('sessions.revokeOthers', undefined, mine);
    await target.isUnharmed();
  });
});

describe('a line of the log is one line, whatever a client writes into it', () => {
  const LINE = '\n{"level":"fatal","msg":"forged"}';
  test('by path, query, header or input', async () => {
    const before = target.server.log.records().length;
    const escaped = encodeURIComponent(LINE);
    await target.query(`${escaped}?${escaped}=1`);
    await target.query(`a,${escaped}?batch=1`);
    await target.query('user.me', { 'user-agent': 'x\\n{"level":"fatal"}', 'x-request-id': 'x","level":"fatal' });
    await target.mutate('auth.login', { username: LINE, password: LINE });
    await target.send({ target: `/${escaped}` });
    const fresh = target.server.log.records().slice(before);
    expect(fresh.filter(({ level }) => level === 'fatal')).toEqual([]);
    expect(fresh.filter(({ msg }) => msg === 'request').length).toBeGreaterThanOrEqual(4);
    await target.isUnharmed();
  });
});

test('a page never redirects to another site', async () => {
  for (const path of [
    '//evil.example',
    '//evil.example/%2e%2e',
    '/\\evil.example',
    '/sign-in?next=//evil.example',
    '/assets//evil.example/..',
    '/assets/..%2f',
    '/.well-known/..//evil.example',
  ]) {
    const answer = await target.send({ target: path, headers: { accept: 'text/html' } });
    expect([200, 404]).toContain(answer.status);
    expect(answer.headers.location).toBeUndefined();
  }
  await target.isUnharmed();
});

test('no file of the server is served', async () => {
  for (const path of [
    '/../package.json',
    '/..%2f..%2fpackage.json',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/assets/../../package.json',
    '/assets/..%5c..%5cpackage.json',
    '/.env',
    '/.data/latchkey.db',
    '/assets/%00',
    '/index.html%00.js',
    '/.git/config',
  ]) {
    const answer = await target.send({ target: path });
    expect(answer.text).not.toMatch(/"dependencies"|root:|SECRET/);
    expect([200, 400, 403, 404]).toContain(answer.status);
  }
  await target.isUnharmed();
});

withstand(
  () => target,
  [
    {
      what: 'a call of a mutation as a query is refused',
      run: (at) => at.query('notes.create?input=%7B%7D', bearer(at.victim)),
      status: 405,
      reason: 'METHOD_NOT_SUPPORTED',
    },
    { what: 'an unknown procedure says so', run: (at) => at.mutate('no.such'), ...notFound },
  ],
);

test('tRPC’s own words, which quote the request, reach nobody', async () => {
  const answers = [
    await target.mutate('no.such<b>'),
    await target.query('notes.create', bearer(target.victim)),
    await target.mutate('user.me,notes.create?batch=1', {}, bearer(target.victim)),
    await target.query('user.me', { 'trpc-accept': 'application/jsonl' }),
    await target.query('user.me,notes.create?batch=1'),
    await target.query('user.me?connectionParams=1'),
    await target.query('notes.list?batch=1&input=1', bearer(target.victim)),
    await target.query('notes.list?batch=1&input=[', bearer(target.victim)),
    await target.query('notes.list?input={', bearer(target.victim)),
    await target.mutate('notes.create?batch=1', [1], bearer(target.victim)),
    await target.mutate('notes.create?batch=1', 'x', bearer(target.victim)),
    await target.query('notes.onChange,notes.onChange?batch=1', bearer(target.victim)),
  ];
  for (const answer of answers) {
    expect(errorsIn(answer)).not.toEqual([]);
    for (const { message } of errorsIn(answer)) {
      expect(message).not.toMatch(
        /procedure|path|request to|Streaming|Cannot mix|connection params|JSON|"input"|doing|Cannot|<b>/,
      );
    }
  }
  await target.isUnharmed();
});
