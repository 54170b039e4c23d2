import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reasonIn } from './kit/answers.ts';
import type { Answer, HeaderLines } from './kit/http.ts';
import { bearer, openTarget, type Person, type Target } from './kit/target.ts';
import { type Attack, withstand } from './kit/withstand.ts';

let target: Target;
beforeAll(async () => {
  target = await openTarget();
});
afterAll(() => target.stop());

const post = (at: Target, procedure: string, body: string | Buffer, headers: HeaderLines = {}): Promise<Answer> =>
  at.send({
    method: 'POST',
    target: `/api/trpc/${procedure}`,
    headers: { 'x-latchkey': '1', 'content-type': 'application/json', ...headers },
    body,
  });
const login = (username: string, password: string): string => JSON.stringify({ username, password });

const badRequest = { status: 400, reason: 'BAD_REQUEST' };
const tooLarge = { status: 413, reason: 'PAYLOAD_TOO_LARGE' };

describe('a body costs no more than it may', () => {
  const bodies: [string, string, Pick<Attack, 'status' | 'reason'>][] = [
    ['a password of 257 letters', login('ada', 'x'.repeat(257)), badRequest],
    ['a password of 90 kB', login('ada', 'x'.repeat(90_000)), badRequest],
    ['a password of 100 kB', login('ada', 'x'.repeat(100_000)), tooLarge],
    ['a username that grows eighteenfold', login('\ufdfa'.repeat(30_000), 'x'), badRequest],
    ['a username of spaces', login(`${' '.repeat(90_000)}x${' '.repeat(9)}`, 'x'.repeat(8)), badRequest],
    ['a username of combining marks', login(`a${'\u0301'.repeat(30_000)}`, 'x'), badRequest],
    ['lists in lists', '['.repeat(49_000) + ']'.repeat(49_000), badRequest],
    ['objects in objects', `${'{"a":'.repeat(16_000)}1${'}'.repeat(16_000)}`, badRequest],
    [
      'an input of lists in lists',
      `{"username":${'['.repeat(40_000)}${']'.repeat(40_000)},"password":"x"}`,
      badRequest,
    ],
    [
      'ten thousand keys',
      JSON.stringify(Object.fromEntries(Array.from({ length: 8000 }, (_, index) => [`k${index}`, 1]))),
      badRequest,
    ],
    ['one key ten thousand times', `{${'"username":"a",'.repeat(6000)}"password":1}`, badRequest],
    ['a number of 90,000 digits', `{"username":"ada","password":${'9'.repeat(90_000)}}`, badRequest],
    ['an infinite number', '{"username":"ada","password":1e999}', badRequest],
    [
      'an e-mail that a regular expression could choke on',
      JSON.stringify({ username: 'adaada', email: `${'a.'.repeat(45_000)}@`, password: 'x'.repeat(20) }),
      badRequest,
    ],
    [
      'an e-mail of many labels',
      JSON.stringify({ username: 'adaada', email: `a@${'a-.'.repeat(80)}`, password: 'x'.repeat(20) }),
      badRequest,
    ],
    [
      'a username of many dots',
      JSON.stringify({ username: '.'.repeat(90_000), email: 'a@b.example', password: 'x'.repeat(20) }),
      badRequest,
    ],
  ];
  withstand(
    () => target,
    bodies.map(
      ([what, body, outcome]): Attack => ({
        what,
        run: (at) => post(at, body.includes('"email"') ? 'auth.register' : 'auth.login', body),
        ...outcome,
      }),
    ),
  );

  const zeros = Buffer.alloc(50_000_000);
  withstand(
    () => target,
    [
      {
        what: 'a compressed bomb is not opened',
        run: (at) => post(at, 'auth.login', gzipSync(zeros), { 'content-encoding': 'gzip' }),
        status: 415,
        reason: 'UNSUPPORTED_MEDIA_TYPE',
      },
      {
        what: 'a body without a length is cut off as well',
        run: (at) =>
          at.sendBytes(
            `POST /api/trpc/auth.login HTTP/1.1\r\nHost: x\r\nConnection: close\r\nx-latchkey: 1\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n${`2000\r\n${'x'.repeat(0x2000)}\r\n`.repeat(14)}0\r\n\r\n`,
          ),
        ...tooLarge,
      },
      {
        what: 'a body that says it is large is not waited for',
        run: (at) => post(at, 'auth.login', '{', { 'content-length': '999999999', connection: 'close' }),
        ...tooLarge,
      },
      {
        what: 'a body where no input is read',
        run: (at) => post(at, 'auth.refresh', `"${'x'.repeat(100_000)}"`),
        ...tooLarge,
      },
      {
        what: 'a body for a procedure that there is not',
        run: (at) => post(at, 'no.such', `"${'x'.repeat(100_000)}"`),
        ...tooLarge,
      },
    ],
  );
});

describe('a path costs no more than it may', () => {
  withstand(
    () => target,
    [
      {
        what: 'twenty-one calls',
        run: (at) => at.query(`${Array.from({ length: 21 }, () => 'auth.claims').join(',')}?batch=1`),
        ...badRequest,
      },
      {
        what: 'a thousand logins',
        run: (at) => post(at, `${Array.from({ length: 1000 }, () => 'auth.login').join(',')}?batch=1`, '{}'),
        ...badRequest,
      },
      {
        what: 'a thousand logins behind a fragment',
        run: (at) =>
          at.sendBytes(
            `POST /api/trpc/${Array.from({ length: 1000 }, () => 'auth.login').join(',')}?batch=1# HTTP/1.1\r\nHost: x\r\nConnection: close\r\nx-latchkey: 1\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}`,
          ),
        ...badRequest,
      },
      { what: 'ten thousand commas', run: (at) => at.query(`${','.repeat(10_000)}?batch=1`), ...badRequest },
      { what: 'ten thousand escaped commas', run: (at) => at.query(`${'%2C'.repeat(4000)}?batch=1`), ...badRequest },
      {
        what: 'ten thousand slashes',
        run: (at) => at.query(`${'/'.repeat(10_000)}auth.claims`),
        status: 401,
        reason: 'access_token_missing',
      },
      { what: 'ten thousand dots', run: (at) => at.query('a.'.repeat(5000)), status: 404, reason: 'NOT_FOUND' },
      {
        what: 'an input of 12 kB in the query',
        run: (at) => at.query(`user.me?input=${'%5B'.repeat(4000)}`),
        status: 401,
        reason: 'access_token_missing',
      },
      {
        what: 'five hundred parameters',
        run: (at) => at.query(`user.me?${Array.from({ length: 500 }, (_, index) => `p${index}=1`).join('&')}`),
        status: 401,
        reason: 'access_token_missing',
      },
    ],
  );
});

test('a batch cannot bring the same long page twenty times', async () => {
  const hoarder = await target.register();
  const ten = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [index, { text: '\u0001'.repeat(1000) }]));
  const creates = Array.from({ length: 10 }, () => 'notes.create').join(',');
  for (let time = 0; time < 10; time += 1)
    expect((await post(target, `${creates}?batch=1`, JSON.stringify(ten), bearer(hoarder))).status).toBe(200);

  const lists = (count: number): Promise<Answer> => {
    const input = Object.fromEntries(Array.from({ length: count }, (_, index) => [index, { limit: 100 }]));
    const names = Array.from({ length: count }, () => 'notes.list').join(',');
    return target.query(`${names}?batch=1&input=${encodeURIComponent(JSON.stringify(input))}`, bearer(hoarder));
  };
  expect((await lists(5)).status).toBe(200);
  const refused = await lists(20);
  expect([refused.status, reasonIn(refused), refused.text.length < 10_000]).toEqual([413, 'PAYLOAD_TOO_LARGE', true]);
  await target.isUnharmed();
});

describe('the log grows by no more than a request is worth', () => {
  const growth = async (send: () => Promise<unknown>): Promise<number> => {
    const before = target.server.log.text().length;
    await send();
    return target.server.log.text().length - before;
  };

  test('by a path of commas', async () => {
    expect(await growth(() => target.query(`${','.repeat(12_000)}?batch=1`))).toBeLessThan(3000);
    expect(await growth(() => target.query('x'.repeat(12_000)))).toBeLessThan(3000);
    await target.isUnharmed();
  });

  // What a line holds of them is longer than they are: JSON escapes them.
  test.each(['x', '"', '\\', '\t"', '\u00ff'])('by twenty refused calls with a long agent of %j', async (text) => {
    const names = Array.from({ length: 20 }, () => 'auth.claims').join(',');
    const agent = `x${text.repeat(3000)}x`;
    expect(await growth(() => target.query(`${names}?batch=1`, { 'user-agent': agent }))).toBeLessThan(12_000);
    await target.isUnharmed();
  });

  test.each(['%01', '%22', '%5C', '%F0%9F%98%80', '%ED%9F%BF'])('by twenty names of %s', async (text) => {
    const names = Array.from({ length: 20 }, () => text.repeat(100)).join(',');
    expect(await growth(() => target.query(`${names.slice(0, 15_000)}?batch=1`))).toBeLessThan(7000);
    await target.isUnharmed();
  });
});

test('headers beyond what Node.js reads are refused, and the connection ends', async () => {
  for (const line of [
    `x: ${'y'.repeat(20_000)}`,
    Array.from({ length: 4000 }, (_, index) => `x${index}: y`).join('\r\n'),
    `cookie: ${'a=b; '.repeat(5000)}`,
  ]) {
    const { status } = await target.sendBytes(
      `GET /api/trpc/user.me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${line}\r\n\r\n`,
    );
    expect(status).toBe(431);
  }
  await target.isUnharmed();
});

test('fifty logins at once are all answered, and who is signed in is served meanwhile', async () => {
  const storm = Array.from({ length: 50 }, (_, index) =>
    target.mutate('auth.login', { username: `nobody_${index}`, password: 'x'.repeat(256) }),
  );
  let isOver = false;
  const answered = Promise.all(storm).then((answers) => {
    isOver = true;
    return answers;
  });
  let served = 0;
  while (!isOver) {
    const { status } = await target.query('auth.claims', bearer(target.victim));
    expect(status).toBe(200);
    served += isOver ? 0 : 1;
  }
  expect(served).toBeGreaterThan(1);
  for (const answer of await answered) expect(reasonIn(answer)).toMatch(/^(?:invalid_credentials|unavailable)$/);
  await target.isUnharmed();
}, 60_000);

describe('connections that hold on do not shut others out', () => {
  const port = () => Number(new URL(target.server.url).port);
  const holdOpen = async (bytes: string, count: number): Promise<() => void> => {
    const sockets = await Promise.all(
      Array.from(
        { length: count },
        () =>
          new Promise<Socket>((resolve, reject) => {
            const socket = connect(port(), '127.0.0.1', () => resolve(socket));
            socket.once('error', reject);
          }),
      ),
    );
    for (const socket of sockets) socket.write(bytes);
    return () => {
      for (const socket of sockets) socket.destroy();
    };
  };
  const good = () => `Host: x\r\nAuthorization: Bearer ${target.victim.accessToken}\r\n`;

  test.each([
    ['half a head', () => 'POST /api/trpc/auth.login HTTP/1.1\r\nHost: x\r\n'],
    [
      'half a body',
      () =>
        'POST /api/trpc/auth.login HTTP/1.1\r\nHost: x\r\nx-latchkey: 1\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"a',
    ],
    ['nothing', () => ''],
    ['live streams', () => `GET /api/trpc/notes.onChange HTTP/1.1\r\n${good()}\r\n`],
    ['two hundred calls in a row', () => `GET /api/trpc/auth.claims HTTP/1.1\r\n${good()}\r\n`.repeat(200)],
  ])('with %s', async (_what, bytes) => {
    const letGo = await holdOpen(bytes(), 50);
    try {
      expect((await target.query('user.me', bearer(target.victim))).status).toBe(200);
      await target.isUnharmed();
    } finally {
      letGo();
    }
    await target.isUnharmed();
  });
});

test('a session has sixteen live streams, a further one is refused, and one that is left makes room', async () => {
  const attacker = await target.register();
  const leaving = new AbortController();
  /** Tells what a stream has said so far: tRPC answers one that is refused as a stream as well. */
  const open = async (who: Person, signal: AbortSignal): Promise<() => string> => {
    const headers = { ...bearer(who), accept: 'text/event-stream' };
    const { body } = await fetch(`${target.server.url}/api/trpc/notes.onChange`, { headers, signal });
    let said = '';
    const listen = async (): Promise<void> => {
      for await (const part of body?.pipeThrough(new TextDecoderStream()) ?? []) said += part;
    };
    listen().catch(() => {}); // It is left in the middle.
    return () => said;
  };
  const isOpen = (said: () => string): boolean => said().includes('event: connected');
  const isRefused = (said: () => string): boolean => said().includes('"reason":"too_many_streams"');

  const streams = await Promise.all(Array.from({ length: 20 }, () => open(attacker, leaving.signal)));
  await expect.poll(() => [streams.filter(isOpen).length, streams.filter(isRefused).length]).toEqual([20, 4]);
  expect((await target.query('user.me', bearer(attacker))).status).toBe(200);
  const theirs = await open(target.victim, leaving.signal);
  await expect.poll(() => isOpen(theirs)).toBe(true);
  expect([isRefused(theirs), streams.filter(isRefused).length]).toEqual([false, 4]);

  leaving.abort();
  await expect
    .poll(async () => {
      const { text } = await target.sendBytes(
        `GET /api/trpc/notes.onChange HTTP/1.1\r\nHost: x\r\nAuthorization: ${bearer(attacker).authorization}\r\nConnection: close\r\n\r\n`,
        { isAll: true },
      );
      return text.includes('too_many_streams');
    })
    .toBe(false);
  await target.isUnharmed();
});
