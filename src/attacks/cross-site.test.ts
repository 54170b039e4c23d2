import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Answer, HeaderLines } from './kit/http.ts';
import { cookieOf, LISTED_ORIGIN, OWN_ORIGIN, openTarget, refreshTokenOf, type Target } from './kit/target.ts';
import { type Attack, isProperRefusal, withstand } from './kit/withstand.ts';

let target: Target;
beforeAll(async () => {
  target = await openTarget();
});
afterAll(() => target.stop());

const EVIL = 'https://evil.example';
const JSON_TYPE = { 'content-type': 'application/json' };

/**
 * A POST as the victim's browser sends it for another page: with all of the victim's cookies, as if SameSite did not
 * exist.
 */
const post = (at: Target, procedure: string, headers: HeaderLines, body = ''): Promise<Answer> =>
  at.send({ method: 'POST', target: `/api/trpc/${procedure}`, headers: { ...cookieOf(at.victim), ...headers }, body });

const refused = { status: 403, reason: 'origin_not_allowed' };

describe('a form of another site changes nothing', () => {
  const forms: [string, HeaderLines, string][] = [
    ['urlencoded', { 'content-type': 'application/x-www-form-urlencoded' }, 'a=1'],
    [
      'multipart',
      { 'content-type': 'multipart/form-data; boundary=x' },
      '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n',
    ],
    ['plain text that looks like JSON', { 'content-type': 'text/plain' }, '{"x":"="}'],
    ['JSON', JSON_TYPE, '{}'],
  ];
  const senders: [string, HeaderLines][] = [
    ['with its origin', { origin: EVIL }],
    ['with an origin of null', { origin: 'null' }],
    ['with fetch metadata', { origin: EVIL, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }],
    ['from a sibling', { origin: 'https://blog.example.com', 'sec-fetch-site': 'same-site' }],
  ];
  const attacks = ['auth.logout', 'auth.refresh', 'sessions.revokeOthers'].flatMap((procedure) =>
    forms.flatMap(([form, type, body]) =>
      senders.map(
        ([sender, headers]): Attack => ({
          what: `${procedure}: ${form}, ${sender}`,
          run: (at) => post(at, procedure, { ...type, ...headers }, body),
          ...refused,
        }),
      ),
    ),
  );
  withstand(() => target, attacks);
});

describe('a form that hides where it comes from changes nothing', () => {
  withstand(
    () => target,
    [
      { what: 'no header at all', run: (at) => post(at, 'auth.logout', JSON_TYPE), ...refused },
      {
        what: 'our own custom header with a wrong value',
        run: (at) => post(at, 'auth.logout', { ...JSON_TYPE, 'x-latchkey': '2' }),
        ...refused,
      },
      {
        what: 'our own custom header twice',
        run: (at) => post(at, 'auth.logout', { ...JSON_TYPE, 'x-latchkey': ['1', '1'] }),
        ...refused,
      },
      {
        what: 'our own custom header beside a foreign origin',
        run: (at) => post(at, 'auth.logout', { ...JSON_TYPE, 'x-latchkey': '1', origin: EVIL }),
        ...refused,
      },
      {
        what: 'a Referer of ours',
        run: (at) => post(at, 'auth.logout', { ...JSON_TYPE, referer: `${OWN_ORIGIN}/` }),
        ...refused,
      },
      { what: 'an empty origin', run: (at) => post(at, 'auth.logout', { ...JSON_TYPE, origin: '' }), ...refused },
      {
        what: 'two origins, ours first',
        run: (at) => post(at, 'auth.logout', { ...JSON_TYPE, origin: [OWN_ORIGIN, EVIL] }),
        ...refused,
      },
      {
        what: 'two origins, both ours',
        run: (at) => post(at, 'auth.logout', { ...JSON_TYPE, origin: [OWN_ORIGIN, OWN_ORIGIN] }),
        ...refused,
      },
      {
        what: 'two kinds of fetch metadata',
        run: (at) => post(at, 'auth.logout', { ...JSON_TYPE, 'sec-fetch-site': ['same-origin', 'cross-site'] }),
        ...refused,
      },
      {
        what: 'fetch metadata of a typed address',
        run: (at) => post(at, 'auth.logout', { ...JSON_TYPE, 'sec-fetch-site': 'none' }),
        ...refused,
      },
      {
        what: 'fetch metadata that is empty',
        run: (at) => post(at, 'auth.logout', { ...JSON_TYPE, 'sec-fetch-site': '' }),
        ...refused,
      },
      {
        what: 'our origin from a cross-site page',
        run: (at) => post(at, 'auth.logout', { ...JSON_TYPE, origin: OWN_ORIGIN, 'sec-fetch-site': 'cross-site' }),
        ...refused,
      },
      {
        what: 'a method in a header',
        run: (at) =>
          at.send({
            target: '/api/trpc/auth.logout',
            headers: { ...cookieOf(at.victim), 'x-http-method-override': 'POST', 'x-latchkey': '1' },
          }),
        status: 405,
        reason: 'METHOD_NOT_SUPPORTED',
      },
      {
        what: 'a method in the query',
        run: (at) => at.query('auth.logout?_method=POST', cookieOf(at.victim)),
        status: 405,
        reason: 'METHOD_NOT_SUPPORTED',
      },
      {
        what: 'a Content-Type in the query',
        run: (at) =>
          post(at, 'auth.logout?content-type=application/json', { 'x-latchkey': '1', 'content-type': 'text/plain' }),
        status: 415,
        reason: 'UNSUPPORTED_MEDIA_TYPE',
      },
      {
        what: 'two content types',
        run: (at) => post(at, 'auth.logout', { 'x-latchkey': '1', 'content-type': 'text/plain, application/json' }),
        status: 415,
        reason: 'UNSUPPORTED_MEDIA_TYPE',
      },
      {
        what: 'a login into the attacker’s account',
        run: (at) =>
          post(
            at,
            'auth.login',
            { ...JSON_TYPE, origin: EVIL },
            JSON.stringify({ username: 'attacker', password: 'attackers password' }),
          ),
        ...refused,
      },
      {
        what: 'a registration',
        run: (at) => post(at, 'auth.register', { ...JSON_TYPE, origin: EVIL }, '{}'),
        ...refused,
      },
    ],
  );
});

const READERS: [string, Pick<Attack, 'status' | 'reason'>][] = [
  ['GET', { status: 405, reason: 'METHOD_NOT_SUPPORTED' }],
  ['HEAD', { status: 405 }],
  ['OPTIONS', { status: 204 }],
];

describe('nothing changes by a method that reads', () => {
  const mutations = [
    'auth.logout',
    'auth.refresh',
    'auth.login',
    'auth.register',
    'sessions.revokeOthers',
    'notes.create',
  ];
  withstand(
    () => target,
    mutations.flatMap((procedure) =>
      READERS.map(
        ([method, outcome]): Attack => ({
          what: `${method} ${procedure}`,
          run: (at) =>
            at.send({
              method,
              target: `/api/trpc/${procedure}`,
              headers: { ...cookieOf(at.victim), authorization: `Bearer ${at.victim.accessToken}` },
            }),
          ...outcome,
        }),
      ),
    ),
  );
});

describe('no origin but a listed one is told anything by CORS', () => {
  const lookAlikes = [
    EVIL,
    'null',
    '*',
    'file://',
    'http://listed.example.org',
    'https://listed.example.org.evil.example',
    'https://evil-listed.example.org',
    'https://listed.example.org:444',
    'https://listed.example.org/',
    'https://LISTED.example.org',
    'https://listed.example.org ',
    'https://listed.example.org%00.evil.example',
    'https://listed.example.org@evil.example',
    'https://listed_example.org',
    'https://sub.listed.example.org',
    'https://listed.example.orgx',
    'https://listedxexample.org',
    `${LISTED_ORIGIN}, ${EVIL}`,
    `${EVIL} ${LISTED_ORIGIN}`,
    'chrome-extension://listed.example.org',
    'http://localhost:3000',
  ];
  test.each(lookAlikes)('%s', async (origin) => {
    const asked = { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' };
    const exact = origin.trim() === LISTED_ORIGIN; // Node.js takes the space off, as a browser would never have sent it.
    for (const request of [
      { method: 'OPTIONS', target: '/api/trpc/auth.refresh', headers: asked },
      { target: '/api/trpc/user.me', headers: { origin, ...cookieOf(target.victim) } },
      { target: '/api/trpc/auth.claims', headers: { origin, authorization: `Bearer ${target.victim.accessToken}` } },
      { method: 'POST', target: '/api/trpc/auth.refresh', headers: { origin, ...JSON_TYPE } },
    ]) {
      const { headers } = await target.send(request);
      const cors = Object.keys(headers).filter((name) => name.startsWith('access-control-'));
      expect(cors.length > 0).toBe(exact);
      expect(headers.vary).toContain('Origin');
    }
    await target.isUnharmed();
  });

  test('and a listed one gets itself, never a star, with credentials', async () => {
    const { headers } = await target.query('auth.claims', { origin: LISTED_ORIGIN });
    expect(headers).toMatchObject({
      'access-control-allow-origin': LISTED_ORIGIN,
      'access-control-allow-credentials': 'true',
    });
    await target.isUnharmed();
  });
});

test('a refusal of the guard tells the victim’s cookie to nobody, however it is asked', async () => {
  for (const headers of [
    { origin: EVIL },
    { origin: EVIL, accept: 'text/html' },
    { origin: EVIL, 'trpc-accept': 'application/jsonl' },
  ]) {
    const answer = await post(target, 'auth.refresh', { ...JSON_TYPE, ...headers });
    isProperRefusal(answer);
    expect(JSON.stringify(answer.headers)).not.toContain(refreshTokenOf(target.victim));
  }
  await target.isUnharmed();
});
