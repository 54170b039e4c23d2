import { generateKeyPairSync, randomBytes } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodePart, forge, type Json, readParts } from './kit/forge.ts';
import type { Answer } from './kit/http.ts';
import { bearer, cookieOf, OWN_ORIGIN, openTarget, REFRESH, refreshTokenOf, type Target } from './kit/target.ts';
import { type Attack, withstand } from './kit/withstand.ts';

/**
 * The verifiers' own table is in tokens.test.ts beside them: this one attacks the server, some of it with its real
 * keys.
 */
let target: Target;
beforeAll(async () => {
  target = await openTarget();
});
afterAll(() => target.stop());

const secretOf = ({ server }: Target, kind: 'access' | 'refresh'): string =>
  (kind === 'access' ? server.config.accessTokenSecrets : server.config.refreshTokenSecrets)?.[0] ?? '';

/** The victim's access token with some of it changed, signed by the server's own key or by another. */
const forgeAccess = (at: Target, change: { header?: Json; claims?: Json; secret?: string }): string => {
  const { header, claims } = readParts(at.victim.accessToken);
  return forge(
    { ...header, ...change.header },
    { ...claims, ...change.claims },
    change.secret ?? secretOf(at, 'access'),
  );
};

const forgeRefresh = (at: Target, change: { header?: Json; claims?: Json; secret?: string }): string => {
  const { header, claims } = readParts(refreshTokenOf(at.victim));
  return forge(
    { ...header, ...change.header },
    { ...claims, ...change.claims },
    change.secret ?? secretOf(at, 'refresh'),
  );
};

const present = (at: Target, token: string): Promise<Answer> =>
  at.query('user.me', { authorization: `Bearer ${token}` });
const renewWith = (at: Target, token: string): Promise<Answer> =>
  at.mutate('auth.refresh', undefined, { cookie: `${REFRESH}=${token}` });

const invalid = { status: 401, reason: 'access_token_invalid' };
const missing = { status: 401, reason: 'access_token_missing' };
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

describe('an access token that was never issued', () => {
  const forgeries: [string, (at: Target) => string][] = [
    ['signed by a stranger', (at) => forgeAccess(at, { secret: randomBytes(32).toString('hex') })],
    ['signed by the key of refresh tokens', (at) => forgeAccess(at, { secret: secretOf(at, 'refresh') })],
    ['signed by its own kid', (at) => forgeAccess(at, { secret: String(readParts(at.victim.accessToken).header.kid) })],
    ['signed by nothing', (at) => forgeAccess(at, { secret: '' })],
    ['without a signature', (at) => at.victim.accessToken.slice(0, at.victim.accessToken.lastIndexOf('.') + 1)],
    [
      'with another’s signature',
      (at) =>
        `${forgeAccess(at, { claims: { roles: ['admin'] }, secret: 'x' })
          .split('.')
          .slice(0, 2)
          .join('.')}.${readParts(at.victim.accessToken).signature}`,
    ],
    [
      'of alg none',
      (at) =>
        `${encodePart({ ...readParts(at.victim.accessToken).header, alg: 'none' })}.${at.victim.accessToken.split('.')[1]}.`,
    ],
    [
      'of alg nOnE',
      (at) =>
        `${encodePart({ ...readParts(at.victim.accessToken).header, alg: 'nOnE' })}.${at.victim.accessToken.split('.')[1]}.`,
    ],
    [
      'of alg HS384 by the right key',
      (at) =>
        jwt.sign(readParts(at.victim.accessToken).claims, secretOf(at, 'access'), {
          algorithm: 'HS384',
          header: { alg: 'HS384', typ: 'at+jwt', kid: String(readParts(at.victim.accessToken).header.kid) },
        }),
    ],
    [
      'of RS256',
      (at) =>
        jwt.sign(readParts(at.victim.accessToken).claims, privateKey, {
          algorithm: 'RS256',
          header: { alg: 'RS256', typ: 'at+jwt', kid: String(readParts(at.victim.accessToken).header.kid) },
        }),
    ],
    [
      'with its key in jwk',
      (at) =>
        forgeAccess(at, { header: { jwk: { kty: 'oct', k: encodePart('x'.repeat(32)) } }, secret: 'x'.repeat(32) }),
    ],
    ['with its key behind jku', (at) => forgeAccess(at, { header: { jku: 'http://127.0.0.1:1/keys' } })],
    ['with its key in x5c', (at) => forgeAccess(at, { header: { x5c: ['MIIB'] } })],
    ['with a crit header', (at) => forgeAccess(at, { header: { crit: ['kid'] } })],
    ['with b64 false', (at) => forgeAccess(at, { header: { b64: false } })],
    ['compressed', (at) => forgeAccess(at, { header: { zip: 'DEF' } })],
    ['with a path for a kid', (at) => forgeAccess(at, { header: { kid: '/dev/null' }, secret: '' })],
    ['with SQL for a kid', (at) => forgeAccess(at, { header: { kid: "' union select 'x" }, secret: 'x' })],
    ['with a prototype’s name for a kid', (at) => forgeAccess(at, { header: { kid: 'constructor' } })],
    ['with a number for a kid', (at) => forgeAccess(at, { header: { kid: 1 } })],
    ['with typ JWT', (at) => forgeAccess(at, { header: { typ: 'JWT' } })],
    ['with typ in other letter case', (at) => forgeAccess(at, { header: { typ: 'AT+JWT' } })],
    ['that is the victim’s refresh token', (at) => refreshTokenOf(at.victim)],
    ['that is a refresh token signed as an access token', (at) => forgeRefresh(at, { secret: secretOf(at, 'access') })],
    ['for the audience of refresh tokens', (at) => forgeAccess(at, { claims: { aud: `${OWN_ORIGIN}/refresh` } })],
    ['for several audiences', (at) => forgeAccess(at, { claims: { aud: [OWN_ORIGIN, 'https://evil.example'] } })],
    ['of another issuer', (at) => forgeAccess(at, { claims: { iss: 'https://evil.example' } })],
    ['that lives longer than any', (at) => forgeAccess(at, { claims: { exp: 4_102_444_800 } })],
    ['that ends before it begins, in letters', (at) => forgeAccess(at, { claims: { exp: 'never' } })],
    [
      'from the future',
      (at) =>
        forgeAccess(at, {
          claims: { iat: Math.floor(Date.now() / 1000) + 600, exp: Math.floor(Date.now() / 1000) + 900 },
        }),
    ],
    ['with a role that there is not', (at) => forgeAccess(at, { claims: { roles: ['admin', 'root'] } })],
    ['with one claim more', (at) => forgeAccess(at, { claims: { scope: '*' } })],
    [
      'with a prototype among its claims',
      (at) =>
        forge(readParts(at.victim.accessToken).header, '{"__proto__":{"roles":["admin"]}}', secretOf(at, 'access')),
    ],
    ['with a NUL in it', (at) => at.victim.accessToken.replace('.', '%00.')],
    ['in upper case', (at) => at.victim.accessToken.toUpperCase()],
    ['with padding', (at) => `${at.victim.accessToken}==`],
    ['twice in one', (at) => `${at.victim.accessToken}.${at.victim.accessToken}`],
    ['of 8 kB', (at) => `${at.victim.accessToken}${'A'.repeat(8000)}`],
  ];
  withstand(
    () => target,
    forgeries.map(([what, forgery]): Attack => ({ what, run: (at) => present(at, forgery(at)), ...invalid })),
  );

  test('reaches no procedure that is protected, whichever it is', async () => {
    const token = forgeAccess(target, { secret: randomBytes(32).toString('hex') });
    const headers = { authorization: `Bearer ${token}` };
    const queries = ['auth.claims', 'user.me', 'sessions.list', 'notes.list', 'notes.onChange'];
    const mutations: [string, unknown][] = [
      ['sessions.revoke', { id: 'x' }],
      ['sessions.revokeOthers', undefined],
      ['notes.create', { text: 'x' }],
      ['notes.delete', { id: 'x' }],
    ];
    for (const name of queries) expect((await target.query(name, headers)).text).toContain('access_token_invalid');
    for (const [name, input] of mutations) expect((await target.mutate(name, input, headers)).status).toBe(401);
    await target.isUnharmed();
  });
});

describe('an access token that is good is taken from one place alone', () => {
  withstand(
    () => target,
    [
      {
        what: 'not from the query',
        run: (at) => at.query(`user.me?access_token=${at.victim.accessToken}`),
        ...missing,
      },
      {
        what: 'not from the input',
        run: (at) =>
          at.query(
            `user.me?input=${encodeURIComponent(JSON.stringify({ authorization: `Bearer ${at.victim.accessToken}` }))}`,
          ),
        ...missing,
      },
      {
        what: 'not from connectionParams',
        run: (at) => at.query(`user.me?connectionParams=${encodeURIComponent(JSON.stringify(bearer(at.victim)))}`),
        ...missing,
      },
      {
        what: 'not from a cookie',
        run: (at) =>
          at.query('user.me', {
            cookie: `authorization=Bearer ${at.victim.accessToken}; access_token=${at.victim.accessToken}`,
          }),
        ...missing,
      },
      {
        what: 'not from the victim’s refresh cookie',
        run: (at) => at.query('user.me', cookieOf(at.victim)),
        ...missing,
      },
      {
        what: 'not from Proxy-Authorization',
        run: (at) => at.query('user.me', { 'proxy-authorization': `Bearer ${at.victim.accessToken}` }),
        ...missing,
      },
      {
        what: 'not from X-Forwarded-Authorization',
        run: (at) => at.query('user.me', { 'x-forwarded-authorization': `Bearer ${at.victim.accessToken}` }),
        ...missing,
      },
      {
        what: 'not of another scheme',
        run: (at) => at.query('user.me', { authorization: `Token ${at.victim.accessToken}` }),
        ...missing,
      },
      {
        what: 'not without a scheme',
        run: (at) => at.query('user.me', { authorization: at.victim.accessToken }),
        ...missing,
      },
      {
        what: 'not behind Basic',
        run: (at) =>
          at.query('user.me', {
            authorization: `Basic ${Buffer.from(`:${at.victim.accessToken}`).toString('base64')}`,
          }),
        ...missing,
      },
      {
        what: 'not with a comma and another',
        run: (at) => at.query('user.me', { authorization: `Bearer x, Bearer ${at.victim.accessToken}` }),
        ...invalid,
      },
      {
        what: 'not in quotes',
        run: (at) => at.query('user.me', { authorization: `Bearer "${at.victim.accessToken}"` }),
        ...invalid,
      },
      {
        what: 'not with a tab in front',
        run: (at) => at.query('user.me', { authorization: `Bearer\t${at.victim.accessToken}` }),
        ...missing,
      },
      {
        what: 'not behind an empty scheme',
        run: (at) => at.query('user.me', { authorization: 'Bearer ' }),
        status: 401,
        reason: 'access_token_invalid',
      },
      {
        what: 'not from a second header',
        run: (at) => at.query('user.me', { authorization: ['Bearer x', `Bearer ${at.victim.accessToken}`] }),
        ...invalid,
      },
    ],
  );
});

describe('a refresh token that was never issued', () => {
  const stranger = randomBytes(32).toString('base64url');
  const refused = { status: 401, reason: 'refresh_token_invalid' };
  const forgeries: [string, (at: Target) => string][] = [
    ['signed by a stranger', (at) => forgeRefresh(at, { secret: stranger })],
    ['signed by the key of access tokens', (at) => forgeRefresh(at, { secret: secretOf(at, 'access') })],
    [
      'by an attacker with the server’s key but without the session’s secret',
      (at) => forgeRefresh(at, { claims: { sec: stranger } }),
    ],
    [
      'of a later generation, without the session’s secret',
      (at) => forgeRefresh(at, { claims: { sec: stranger, gen: 2_000_000 } }),
    ],
    [
      'of an older generation, without the session’s secret',
      (at) => forgeRefresh(at, { claims: { sec: stranger, gen: 1 } }),
    ],
    ['of another user', (at) => forgeRefresh(at, { claims: { sub: 'somebody-else' } })],
    ['of another session', (at) => forgeRefresh(at, { claims: { sid: stranger } })],
    ['with a short secret', (at) => forgeRefresh(at, { claims: { sec: 'x' } })],
    ['with SQL for a session', (at) => forgeRefresh(at, { claims: { sid: "' or '1'='1".padEnd(43, ' ') } })],
    ['with a NUL in its session', (at) => forgeRefresh(at, { claims: { sid: '\0'.repeat(43) } })],
    ['of generation 0', (at) => forgeRefresh(at, { claims: { gen: 0 } })],
    ['of generation 2^31', (at) => forgeRefresh(at, { claims: { gen: 2 ** 31 } })],
    ['of a generation in letters', (at) => forgeRefresh(at, { claims: { gen: '1' } })],
    ['with one claim more', (at) => forgeRefresh(at, { claims: { roles: ['admin'] } })],
    ['for the audience of access tokens', (at) => forgeRefresh(at, { claims: { aud: OWN_ORIGIN } })],
    ['for a list of audiences', (at) => forgeRefresh(at, { claims: { aud: [`${OWN_ORIGIN}/refresh`] } })],
    ['of typ at+jwt', (at) => forgeRefresh(at, { header: { typ: 'at+jwt' } })],
    ['of typ JWT', (at) => forgeRefresh(at, { header: { typ: 'JWT' } })],
    ['that is the victim’s access token', (at) => at.victim.accessToken],
    ['that is an access token signed as a refresh token', (at) => forgeAccess(at, { secret: secretOf(at, 'refresh') })],
    [
      'of alg none',
      (at) =>
        `${encodePart({ ...readParts(refreshTokenOf(at.victim)).header, alg: 'none' })}.${refreshTokenOf(at.victim).split('.')[1]}.`,
    ],
    [
      'with one character changed',
      (at) => `${refreshTokenOf(at.victim).slice(0, -2)}${refreshTokenOf(at.victim).endsWith('A') ? 'B' : 'A'}`,
    ],
    ['of 5 kB', (at) => `${refreshTokenOf(at.victim)}${'A'.repeat(5000)}`],
  ];
  withstand(
    () => target,
    forgeries.map(([what, forgery]): Attack => ({ what, run: (at) => renewWith(at, forgery(at)), ...refused })),
  );

  test('ends nobody’s session by a logout, or by a login over it', async () => {
    const token = forgeRefresh(target, { claims: { sec: stranger } });
    const attacker = await target.register();
    await target.mutate('auth.logout', undefined, { cookie: `${REFRESH}=${token}` });
    const { username, password } = attacker;
    await target.mutate('auth.login', { username, password }, { cookie: `${REFRESH}=${token}` });
    await target.isUnharmed();
  });
});
