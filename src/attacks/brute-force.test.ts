import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { errorsIn, reasonIn } from './kit/answers.ts';
import type { Answer } from './kit/http.ts';
import { cookieOf, DEVICE, openTarget, type Target } from './kit/target.ts';
import { isProperRefusal } from './kit/withstand.ts';

/**
 * The numbers are password-limits.test.ts's, by a clock that stands: these rows are ways around them, over the wire.
 */
let target: Target;
beforeEach(async () => {
  target = await openTarget();
});
afterEach(() => target.stop());

const WRONG = 'not the password of anybody';
const FREE_ATTEMPTS = 5;
const AT_ONCE = 50;

const guess = (username: string, from: string, password = WRONG): Promise<Answer> =>
  target.mutate('auth.login', { username, password }, { 'x-forwarded-for': from });

/** How many of so many guesses had their password looked at. */
const tried = (answers: readonly Answer[]): number =>
  answers.filter((answer) => reasonIn(answer) === 'invalid_credentials').length;

const repeat = async (count: number, run: (index: number) => Promise<Answer>): Promise<Answer[]> => {
  const answers: Answer[] = [];
  for (let index = 0; index < count; index += 1) answers.push(await run(index));
  return answers;
};

const spellings = (at: Target) => {
  const { username } = at.victim;
  return [
    username,
    username.toUpperCase(),
    ` ${username}`,
    `${username}\t`,
    username.replace('p', 'ｐ'),
    username.replace('e', 'Ｅ'),
  ];
};

describe('one address has five attempts for one account', () => {
  test('in whatever spelling of its name', async () => {
    const names = spellings(target);
    expect(tried(await repeat(20, (index) => guess(names[index % names.length] ?? '', '203.0.113.1')))).toBe(
      FREE_ATTEMPTS,
    );
    await target.isUnharmed();
  });

  test('however many come at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: AT_ONCE }, () => guess(target.victim.username, '203.0.113.1')),
    );
    expect(tried(answers)).toBe(FREE_ATTEMPTS);
    for (const answer of answers.filter(({ status }) => status === 429)) {
      isProperRefusal(answer);
      expect(answer.headers['retry-after']).toBe(String(errorsIn(answer)[0]?.data.retryAfter));
    }
    await target.isUnharmed();
  });

  test('from all of an IPv6 network together', async () => {
    expect(tried(await repeat(20, (index) => guess(target.victim.username, `2001:db8:1:2:${index}::${index}`)))).toBe(
      FREE_ATTEMPTS,
    );
    await target.isUnharmed();
  });

  test('with an IPv4 address in whatever form', async () => {
    const forms = ['203.0.113.1', '::ffff:203.0.113.1', '::ffff:cb00:7101', '::FFFF:203.0.113.1'];
    expect(tried(await repeat(20, (index) => guess(target.victim.username, forms[index % forms.length] ?? '')))).toBe(
      FREE_ATTEMPTS,
    );
    await target.isUnharmed();
  });

  test('with a port beside its address that is another each time', async () => {
    expect(tried(await repeat(20, (index) => guess(target.victim.username, `203.0.113.1:${1024 + index}`)))).toBe(
      FREE_ATTEMPTS,
    );
    expect(tried(await repeat(20, (index) => guess('somebody', `[2001:db8::1]:${1024 + index}`)))).toBe(FREE_ATTEMPTS);
    // Another address is another one, with its port as well.
    expect(tried(await repeat(5, () => guess(target.victim.username, '203.0.113.2:80')))).toBe(FREE_ATTEMPTS);
    await target.isUnharmed();
  });

  test('with whatever it writes into the header before the proxy does', async () => {
    expect(tried(await repeat(20, (index) => guess(target.victim.username, `198.51.100.${index}, 203.0.113.1`)))).toBe(
      FREE_ATTEMPTS,
    );
    await target.isUnharmed();
  });

  test('with a path, a query, an agent or a device that is another each time', async () => {
    const answers = await repeat(20, (index) =>
      target.mutate(
        `${'x/'.repeat(index % 4)}auth.login?n=${index}`,
        { username: target.victim.username, password: WRONG },
        {
          'x-forwarded-for': '203.0.113.1',
          'user-agent': `agent ${index}`,
          cookie: `${DEVICE}=${String(index).padStart(43, 'A')}`,
        },
      ),
    );
    expect(tried(answers)).toBe(FREE_ATTEMPTS);
    await target.isUnharmed();
  });

  test('with twenty calls in a batch, which is refused as a whole', async () => {
    const calls = Array.from({ length: 20 }, () => ({ username: target.victim.username, password: WRONG }));
    const body = JSON.stringify(Object.fromEntries(calls.entries()));
    for (const end of ['', '#']) {
      const answer = await target.sendBytes(
        `POST /api/trpc/${calls.map(() => 'auth.login').join(',')}?batch=1${end} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nx-latchkey: 1\r\ncontent-type: application/json\r\n` +
          `content-length: ${body.length}\r\n\r\n${body}`,
      );
      expect(reasonIn(answer)).toBe('transport_not_allowed');
    }
    await target.isUnharmed();
  });

  test('and a right password is not told from a wrong one meanwhile', async () => {
    await repeat(FREE_ATTEMPTS, () => guess(target.victim.username, '203.0.113.1'));
    const right = await guess(target.victim.username, '203.0.113.1', target.victim.password);
    const wrong = await guess(target.victim.username, '203.0.113.1');
    expect([reasonIn(right), reasonIn(wrong)]).toEqual(['rate_limited', 'rate_limited']);
    await target.isUnharmed();
  });
});

test('an account has ten attempts from everywhere together, at once or not', async () => {
  const answers = await Promise.all(
    Array.from({ length: AT_ONCE }, (_, index) => guess(target.victim.username, `198.51.100.${index}`)),
  );
  expect(tried(answers)).toBe(10);
  await target.isUnharmed();
});

test('strangers who use an account’s attempts up do not keep its owner’s browser out', async () => {
  await repeat(12, (index) => guess(target.victim.username, `198.51.100.${index}`));
  const { username, password, cookies } = target.victim;
  const cookie = `${DEVICE}=${cookies.get(DEVICE)}`;
  const own = await target.mutate('auth.login', { username, password }, { 'x-forwarded-for': '203.0.113.9', cookie });
  expect(own.status).toBe(200);
  const strange = await target.mutate('auth.login', { username, password }, { 'x-forwarded-for': '203.0.113.9' });
  expect(reasonIn(strange)).toBe('rate_limited');
  await target.isUnharmed();
});

test('the device of another account is a stranger’s', async () => {
  const attacker = await target.register();
  const cookie = `${DEVICE}=${attacker.cookies.get(DEVICE)}`;
  const answers = await repeat(20, (index) =>
    target.mutate(
      'auth.login',
      { username: target.victim.username, password: WRONG },
      { cookie, 'x-forwarded-for': `198.51.100.${index}` },
    ),
  );
  expect(tried(answers)).toBe(10);
  await target.isUnharmed();
});

test('a limited login leaves the session that the browser has alone', async () => {
  const { username } = target.victim;
  for (let round = 0; round < 8; round += 1)
    await target.mutate(
      'auth.login',
      { username, password: WRONG },
      { ...cookieOf(target.victim), 'x-forwarded-for': '203.0.113.1' },
    );
  await target.isUnharmed();
});

test('an address that sprays one password over many accounts is stopped', async () => {
  const answers = await repeat(110, (index) => guess(`person_${1000 + index}`, '203.0.113.1', 'Summer2026!'));
  expect(tried(answers)).toBe(100);
  await target.isUnharmed();
}, 60_000);

test('without a trusted proxy its header changes nothing', async () => {
  await target.stop();
  target = await openTarget({ TRUST_PROXY: '' });
  expect(tried(await repeat(10, (index) => guess(target.victim.username, `198.51.100.${index}`)))).toBe(FREE_ATTEMPTS);
  await target.isUnharmed();
});
