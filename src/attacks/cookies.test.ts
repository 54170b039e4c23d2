import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cookiesIn } from './kit/answers.ts';
import type { Answer } from './kit/http.ts';
import { cookieOf, DEVICE, HINT, openTarget, REFRESH, refreshTokenOf, type Target } from './kit/target.ts';
import { withstand } from './kit/withstand.ts';

let target: Target;
beforeAll(async () => {
  target = await openTarget();
});
afterAll(() => target.stop());

const refreshWith = (at: Target, cookie: string | readonly string[]): Promise<Answer> =>
  at.mutate('auth.refresh', undefined, { cookie });

const missing = { status: 401, reason: 'refresh_token_missing' };
const invalid = { status: 401, reason: 'refresh_token_invalid' };
const ambiguous = { status: 400, reason: 'refresh_token_ambiguous' };
const works = { status: 200 };
/**
 * White space to JavaScript, and none to the parser of cookies: Safari lets a sibling domain plant such a name, past
 * every prefix.
 */
const NO_BREAK_SPACE = '\u00a0';

describe('a name that looks like the refresh cookie’s is not it', () => {
  withstand(
    () => target,
    [
      'refresh',
      '__host-refresh',
      '__Host-Refresh',
      '__HOST-REFRESH',
      '__Secure-refresh',
      '__Host-refresh2',
      '__Host-refresh.',
      '__Host-refresh[]',
      '__Host-refresh[0]',
      '__Host%2Drefresh',
      'x__Host-refresh',
      `${NO_BREAK_SPACE}__Host-refresh`,
      '$Version=1,__Host-refresh',
      '__proto__',
      'constructor',
      'toString',
    ].map((name) => ({
      what: `${name}=token`,
      run: (at: Target) => refreshWith(at, `${name}=${refreshTokenOf(at.victim)}`),
      ...missing,
    })),
  );
});

describe('a cookie that was planted beside the victim’s', () => {
  withstand(
    () => target,
    [
      {
        what: 'by the same name, behind it',
        run: (at) => refreshWith(at, `${REFRESH}=${refreshTokenOf(at.victim)}; ${REFRESH}=evil`),
        ...ambiguous,
      },
      {
        what: 'by the same name, before it',
        run: (at) => refreshWith(at, `${REFRESH}=evil; ${REFRESH}=${refreshTokenOf(at.victim)}`),
        ...ambiguous,
      },
      {
        what: 'twice the same value',
        run: (at) =>
          refreshWith(at, `${REFRESH}=${refreshTokenOf(at.victim)}; ${REFRESH}=${refreshTokenOf(at.victim)}`),
        ...ambiguous,
      },
      {
        what: 'in a header of its own',
        run: (at) => refreshWith(at, [`${REFRESH}=${refreshTokenOf(at.victim)}`, `${REFRESH}=evil`]),
        ...ambiguous,
      },
      {
        what: 'without a value',
        run: (at) => refreshWith(at, `${REFRESH}=; ${REFRESH}=${refreshTokenOf(at.victim)}`),
        ...ambiguous,
      },
      {
        what: 'with a space before its sign',
        run: (at) => refreshWith(at, `${REFRESH} =evil; ${REFRESH}=${refreshTokenOf(at.victim)}`),
        ...ambiguous,
      },
      {
        what: 'with a tab before its sign',
        run: (at) => refreshWith(at, `${REFRESH}\t=evil; ${REFRESH}=${refreshTokenOf(at.victim)}`),
        ...ambiguous,
      },
      {
        what: 'with a no-break space before its name, which cannot lock the victim out',
        run: (at) => refreshWith(at, `${NO_BREAK_SPACE}${REFRESH}=evil; ${REFRESH}=${refreshTokenOf(at.victim)}`),
        ...works,
      },
      {
        what: 'with a no-break space behind its name, which cannot lock the victim out',
        run: (at) => refreshWith(at, `${REFRESH}${NO_BREAK_SPACE}=evil; ${REFRESH}=${refreshTokenOf(at.victim)}`),
        ...works,
      },
      {
        what: 'with the name as a value, which is no second one',
        run: (at) => refreshWith(at, `x=${REFRESH}=evil; ${REFRESH}=${refreshTokenOf(at.victim)}`),
        ...works,
      },
      {
        what: 'with a space inside the name, which is no second one',
        run: (at) => refreshWith(at, `__Host- refresh=evil; ${REFRESH}=${refreshTokenOf(at.victim)}`),
        ...works,
      },
      {
        what: 'without a sign, which is no second one',
        run: (at) => refreshWith(at, `${REFRESH}; ${REFRESH}=${refreshTokenOf(at.victim)}`),
        ...works,
      },
      {
        what: 'two hundred others',
        run: (at) =>
          refreshWith(
            at,
            `${Array.from({ length: 200 }, (_, index) => `c${index}=x`).join('; ')}; ${REFRESH}=${refreshTokenOf(at.victim)}`,
          ),
        ...works,
      },
      { what: 'only separators', run: (at) => refreshWith(at, ';'.repeat(5000)), ...missing },
      { what: 'only spaces', run: (at) => refreshWith(at, `x${' '.repeat(9000)}x`), ...missing },
    ],
  );
});

describe('a refresh cookie with a value that is none', () => {
  withstand(
    () => target,
    [
      ['nothing', ''],
      ['an object', 'j:{"length":1}'],
      ['a list', 'j:["a"]'],
      ['a prototype', 'j:{"__proto__":{"a":1}}'],
      ['a signed one', 's:token.signature'],
      ['a broken escape', '%E0%A4%A'],
      ['an escaped NUL', '%00'],
      ['an escaped line break', 'a%0d%0aSet-Cookie:%20x=y'],
      ['SQL', "' or 1=1 --"],
      ['5,000 letters', 'A'.repeat(5000)],
      ['a deep list', `j:${'['.repeat(6000)}`],
      ['three dots', '...'],
    ].map(([what, value]) => ({
      what: what ?? '',
      run: (at: Target) => refreshWith(at, `${REFRESH}=${value}`),
      ...invalid,
    })),
  );
});

describe('the hint and the device are worth nothing', () => {
  withstand(
    () => target,
    [
      {
        what: 'the hint refreshes nothing',
        run: (at) => refreshWith(at, `${HINT}=${at.victim.cookies.get(HINT)}`),
        ...missing,
      },
      {
        what: 'the device refreshes nothing',
        run: (at) => refreshWith(at, `${DEVICE}=${at.victim.cookies.get(DEVICE)}`),
        ...missing,
      },
      {
        what: 'the hint as a refresh token',
        run: (at) => refreshWith(at, `${REFRESH}=${at.victim.cookies.get(HINT)}`),
        ...invalid,
      },
      {
        what: 'the hint and the device end nothing',
        run: (at) =>
          at.mutate('auth.logout', undefined, {
            cookie: `${HINT}=${at.victim.cookies.get(HINT)}; ${DEVICE}=${at.victim.cookies.get(DEVICE)}`,
          }),
        ...works,
      },
      {
        what: 'the device opens no account',
        run: (at) =>
          at.mutate(
            'auth.login',
            { username: at.victim.username, password: 'a wrong password' },
            { cookie: `${DEVICE}=${at.victim.cookies.get(DEVICE)}` },
          ),
        status: 401,
        reason: 'invalid_credentials',
      },
    ],
  );

  test('a device id that is none is replaced, and none of it comes back', async () => {
    const { username, password } = await target.register();
    for (const planted of ['x', 'A'.repeat(44), 'A'.repeat(4000), '<script>', 'j:{"a":1}', '../../etc/passwd']) {
      const answer = await target.mutate('auth.login', { username, password }, { cookie: `${DEVICE}=${planted}` });
      expect(cookiesIn(answer).get(DEVICE)).toMatch(/^[\w-]{43}$/);
      expect(cookiesIn(answer).get(DEVICE)).not.toContain('AAAA');
    }
    await target.isUnharmed();
  });
});

test('every Set-Cookie of every flow has its attributes, and none is longer than a browser keeps', async () => {
  const person = await target.register();
  const { username, password } = person;
  const flows = [
    await target.mutate('auth.login', { username, password }, cookieOf(person)),
    await refreshWith(target, `${REFRESH}=${refreshTokenOf(target.victim)}`),
    // What the browser has already is not written again.
    await target.mutate('auth.refresh', undefined, cookieOf(target.victim)),
    await target.mutate('auth.logout', undefined, cookieOf(person)),
    await target.mutate('auth.logout'),
  ];
  const lines = flows.flatMap(({ setCookies }) => setCookies);
  expect(lines).toHaveLength(4 + 2 + 0 + 3 + 3);
  for (const line of lines) {
    expect(line.length).toBeLessThanOrEqual(4096);
    expect(line).toMatch(
      /^__Host-(?:refresh|session_hint|device|fresh)=[\w.-]*; Max-Age=\d+; Path=\/; Expires=[^;]+(?:; HttpOnly)?; Secure; SameSite=Strict$/,
    );
    expect(line.includes('; HttpOnly')).toBe(!line.startsWith(HINT));
  }
  for (const path of ['user.me', 'auth.claims', 'sessions.list', 'notes.list', 'no.such'])
    expect(
      (await target.query(path, { ...cookieOf(target.victim), authorization: `Bearer ${target.victim.accessToken}` }))
        .setCookies,
    ).toEqual([]);
  await target.isUnharmed();
});
