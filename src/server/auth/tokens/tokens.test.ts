import { createHmac, generateKeyPairSync, randomBytes } from 'node:crypto';
import { createLocalJWKSet, jwtVerify } from 'jose';
import jwt from 'jsonwebtoken';
import { describe, expect, test } from 'vitest';
import { createTestSecret } from '#testing/auth.ts';
import { createTestClock } from '#testing/clock.ts';
import type { Role } from '../../../shared/auth/index.ts';
import { reasonOf } from '../refusal.ts';
import { createAccessTokens, type Principal } from './access-tokens.ts';
import { createKeySet, createPrivateKeySet, createSecretKeySet, publicJwks } from './keys.ts';
import { createRefreshTokens, type RefreshToken } from './refresh-tokens.ts';
import { createRandomName } from './secrets.ts';

const ORIGIN = 'https://app.example';
const TTL = 900;
const secret = createTestSecret();
const keys = createSecretKeySet([secret]);
const clock = createTestClock();
const accessTokens = createAccessTokens({ keys, origin: ORIGIN, ttlSeconds: TTL, clock });
const refreshTokens = createRefreshTokens({ keys: createSecretKeySet([createTestSecret()]), origin: ORIGIN, clock });

const principal: Omit<Principal, 'expiresAt'> = {
  id: 'user-1',
  roles: ['user'],
  authTime: clock.now(),
  amr: ['pwd'],
  acr: 'aal1',
  fac: ['password', 'oidc:acme'],
  fsh: '',
  emailVerified: false,
  sid: createRandomName(),
  ver: 1,
  sver: 0,
};
const far = clock.now() + 10 ** 9;
const issue = () => accessTokens.issue(principal, far).accessToken;

const reasonFor = (token: string): string | undefined => {
  try {
    accessTokens.verify(token);
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
};

const now = Math.floor(clock.now() / 1000);
const goodClaims = {
  iss: ORIGIN,
  aud: ORIGIN,
  sub: 'user-1',
  sid: principal.sid,
  ver: 1,
  roles: ['user'],
  auth_time: now,
  amr: ['pwd'],
  acr: 'aal1',
  sver: 0,
  fac: ['password'],
  fsh: '',
  email_verified: false,
  iat: now,
  exp: now + TTL,
};
const goodHeader = { alg: 'HS256', typ: 'at+jwt', kid: keys.signing.kid };
const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const forge = (header: unknown, claims: unknown, key: string = secret): string => {
  const content = `${encode(header)}.${encode(claims)}`;
  return `${content}.${createHmac('sha256', key).update(content).digest('base64url')}`;
};
const without = (name: keyof typeof goodClaims) => ({ ...goodClaims, [name]: undefined });

test('the forger of these tests can make a good token, so that each refusal has one cause', () => {
  expect(reasonFor(forge(goodHeader, goodClaims))).toBeUndefined();
});

describe('an access token is refused', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const publicPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();

  test.each<[string, string]>([
    ['nothing', ''],
    ['garbage', 'garbage'],
    ['two dots', '..'],
    ['alg none', `${encode({ ...goodHeader, alg: 'none' })}.${encode(goodClaims)}.`],
    ['alg none with a signature', forge({ ...goodHeader, alg: 'none' }, goodClaims)],
    ['alg None', forge({ ...goodHeader, alg: 'None' }, goodClaims)],
    ['another HMAC', jwt.sign(goodClaims, secret, { algorithm: 'HS512', header: { ...goodHeader, alg: 'HS512' } })],
    [
      'RS256 by a key of its own',
      jwt.sign(goodClaims, privateKey, { algorithm: 'RS256', header: { ...goodHeader, alg: 'RS256' } }),
    ],
    ['HMAC by a public key', forge(goodHeader, goodClaims, publicPem)],
    ['HMAC by an empty key', forge(goodHeader, goodClaims, '')],
    ['another secret', forge(goodHeader, goodClaims, createTestSecret())],
    ['a key in the header', forge({ ...goodHeader, jwk: { kty: 'oct', k: encode(secret) } }, goodClaims)],
    ['a key’s address in the header', forge({ ...goodHeader, jku: 'https://evil.example/keys' }, goodClaims)],
    ['a critical header', forge({ ...goodHeader, crit: ['exp'] }, goodClaims)],
    ['no kid', forge({ alg: 'HS256', typ: 'at+jwt' }, goodClaims)],
    ['an unknown kid', forge({ ...goodHeader, kid: 'other' }, goodClaims)],
    ['a path for a kid', forge({ ...goodHeader, kid: '../../dev/null' }, goodClaims)],
    ['a prototype’s name for a kid', forge({ ...goodHeader, kid: '__proto__' }, goodClaims)],
    ['no typ', forge({ alg: 'HS256', kid: keys.signing.kid }, goodClaims)],
    ['typ JWT', forge({ ...goodHeader, typ: 'JWT' }, goodClaims)],
    ['typ of a refresh token', forge({ ...goodHeader, typ: 'rt+jwt' }, goodClaims)],
    ['no issuer', forge(goodHeader, without('iss'))],
    ['another issuer', forge(goodHeader, { ...goodClaims, iss: `${ORIGIN}/` })],
    ['another audience', forge(goodHeader, { ...goodClaims, aud: `${ORIGIN}/refresh` })],
    ['a list of audiences', forge(goodHeader, { ...goodClaims, aud: [ORIGIN] })],
    ['no subject', forge(goodHeader, without('sub'))],
    ['a number for a subject', forge(goodHeader, { ...goodClaims, sub: 1 })],
    ['no sid', forge(goodHeader, without('sid'))],
    ['no ver', forge(goodHeader, without('ver'))],
    ...(['amr', 'acr', 'sver', 'fac', 'fsh', 'email_verified'] as const).map((name): [string, string] => [
      `no ${name}`,
      forge(goodHeader, without(name)),
    ]),
    ['an unknown factor', forge(goodHeader, { ...goodClaims, fac: ['oidc:'] })],
    ['an unknown proof', forge(goodHeader, { ...goodClaims, amr: ['face'] })],
    ['an unknown role', forge(goodHeader, { ...goodClaims, roles: ['root'] })],
    ['a string for roles', forge(goodHeader, { ...goodClaims, roles: 'admin' })],
    ['no exp', forge(goodHeader, without('exp'))],
    ['a string for exp', forge(goodHeader, { ...goodClaims, exp: '9999999999' })],
    ['an exp too far from iat', forge(goodHeader, { ...goodClaims, exp: now + TTL + 1 })],
    ['an infinite exp', forge(goodHeader, JSON.stringify(goodClaims).replace(String(now + TTL), '1e999'))],
    ['no iat', forge(goodHeader, without('iat'))],
    ['an iat in the future', forge(goodHeader, { ...goodClaims, iat: now + 61, exp: now + 61 + TTL })],
    ['an nbf', forge(goodHeader, { ...goodClaims, nbf: now })],
    ['a claim nobody asked for', forge(goodHeader, { ...goodClaims, admin: true })],
    ['a payload that is a string', forge(goodHeader, '"user-1"')],
    ['a payload that is no JSON', forge(goodHeader, '{')],
    ['a payload that is null', forge(goodHeader, 'null')],
    ['a header that is a list', forge([goodHeader], goodClaims)],
    ['padding', `${issue()}=`],
    ['a space', ` ${issue()}`],
    ['a fourth part', `${issue()}.x`],
    ['standard base64', issue().replace(/[-_]/, '+').concat('+')],
    ['a line break', `${issue()}\n`],
    ['too many bytes', forge(goodHeader, { ...goodClaims, sub: 'x'.repeat(4096) })],
  ])('with %s', (_what, token) => {
    expect(reasonFor(token)).toBe('access_token_invalid');
  });

  test('when any one character of it is another', () => {
    const token = issue();
    for (let index = 0; index < token.length; index += 1) {
      const other = token[index] === 'A' ? 'B' : 'A';
      expect(reasonFor(token.slice(0, index) + other + token.slice(index + 1))).toBe('access_token_invalid');
    }
  });

  test('on the second of its end, with no tolerance, from memory too', () => {
    const own = createTestClock();
    const tokens = createAccessTokens({ keys, origin: ORIGIN, ttlSeconds: TTL, clock: own });
    const { accessToken } = tokens.issue({ ...principal }, far);
    tokens.verify(accessToken);
    own.advance(TTL * 1000 - 1);
    tokens.verify(accessToken);
    own.advance(1);
    expect(() => tokens.verify(accessToken)).toThrow(expect.objectContaining({ code: 'UNAUTHORIZED' }));
  });
});

test('who writes into what one call was told of a token changes nothing for the next', () => {
  const { accessToken } = accessTokens.issue(principal, far);
  for (const name of ['roles', 'amr', 'fac'] as const) {
    const list = accessTokens.verify(accessToken)[name];
    expect(Reflect.set(list, list.length, 'admin')).toBe(false);
    expect(accessTokens.verify(accessToken)[name]).not.toContain('admin');
  }
});

test('an access token never outlives the session, and says so in whole seconds', () => {
  expect(accessTokens.issue(principal, clock.now() + 10_900).expiresIn).toBe(10);
  expect(accessTokens.issue(principal, clock.now() + 100).expiresIn).toBe(1);
});

test('an access token is no longer than is looked at, whatever it holds', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const set = createPrivateKeySet([
    { algorithm: 'RS256', pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() },
  ]);
  const names: readonly string[] = Array.from({ length: 64 }, (_, index) => `editor-of-${100 + index}-r`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as an app registers its own
  const roles = names as readonly Role[];
  expect(roles.join(',')).toHaveLength(1023);
  const largest: typeof principal = {
    ...principal,
    id: 'i'.repeat(128),
    roles,
    amr: ['pwd', 'otp', 'swk', 'hwk', 'recovery_code', 'oidc'],
    acr: 'aal2',
    fac: ['password', 'totp', 'passkey', ...Array.from({ length: 10 }, (_, n) => `oidc:provider-${n}` as const)],
    fsh: createRandomName(),
    ver: 2 ** 31 - 1,
    sver: 2 ** 31 - 2,
  };
  const origin = `https://${'sub.'.repeat(20)}app.example`;
  const tokens = createAccessTokens({ keys: set, origin, ttlSeconds: TTL, clock, roles });
  const { accessToken } = tokens.issue(largest, far);
  expect(accessToken.length).toBeLessThan(4096);
  expect(tokens.verify(accessToken)).toMatchObject({ fac: largest.fac, amr: largest.amr, fsh: largest.fsh });
});

test('every secret verifies and the first one signs, by its kid', () => {
  const [old, fresh] = [createTestSecret(), createTestSecret()];
  const of = (secrets: string[]) =>
    createAccessTokens({ keys: createSecretKeySet(secrets), origin: ORIGIN, ttlSeconds: TTL, clock });
  const { accessToken } = of([old]).issue(principal, far);
  expect(of([fresh, old]).verify(accessToken).id).toBe('user-1');
  expect(() => of([fresh]).verify(accessToken)).toThrow('not valid');
  const { accessToken: newer } = of([fresh, old]).issue(principal, far);
  expect(of([fresh]).verify(newer).id).toBe('user-1');
});

describe.each(['ES256', 'RS256'] as const)('private keys of %s', (algorithm) => {
  const pem = () => {
    const { privateKey } =
      algorithm === 'ES256'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('rsa', { modulusLength: 2048 });
    return { algorithm, pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
  };

  test('sign tokens that another library verifies by the published keys alone', async () => {
    const set = createPrivateKeySet([pem(), pem()]);
    const tokens = createAccessTokens({ keys: set, origin: ORIGIN, ttlSeconds: TTL, clock });
    const { accessToken } = tokens.issue(principal, far);
    expect(tokens.verify(accessToken).id).toBe('user-1');
    const jwks = createLocalJWKSet(publicJwks(set));
    const options = { issuer: ORIGIN, audience: ORIGIN, typ: 'at+jwt', currentDate: new Date(clock.now()) };
    expect((await jwtVerify(accessToken, jwks, options)).payload.sub).toBe('user-1');
    for (const jwk of publicJwks(set).keys) expect(jwk).not.toHaveProperty('d');
  });

  test('are never taken for a secret: the public key signs nothing', () => {
    const set = createPrivateKeySet([pem()]);
    const tokens = createAccessTokens({ keys: set, origin: ORIGIN, ttlSeconds: TTL, clock });
    const { kid, verifyingKey } = set.signing;
    const publicPem = verifyingKey.export({ type: 'spki', format: 'pem' }).toString();
    const forged = forge({ ...goodHeader, kid }, goodClaims, publicPem);
    expect(() => tokens.verify(forged)).toThrow('not valid');
    expect(() => tokens.verify(forge({ ...goodHeader, kid, alg: algorithm }, goodClaims))).toThrow('not valid');
  });
});

test('secrets are not published', () => {
  expect(publicJwks(keys)).toEqual({ keys: [] });
});

test('a key set needs keys, and secrets of 32 bytes', () => {
  expect(() => createKeySet([])).toThrow('at least one key');
  expect(() => createSecretKeySet([randomBytes(15).toString('hex')])).toThrow('at least 32 bytes');
});

describe('a refresh token', () => {
  const token: RefreshToken = {
    userId: 'user-1',
    sid: createRandomName(),
    sec: createRandomName(),
    sver: 2,
    gen: 7,
    signedAt: clock.now(),
    expiresAt: clock.now() + 1500,
  };

  test('comes back as it was issued, with its end rounded up to the second', () => {
    expect(refreshTokens.read(refreshTokens.issue(token))).toEqual({ ...token, expiresAt: clock.now() + 2000 });
  });

  test('is still read when it has expired: the session’s row decides', () => {
    expect(refreshTokens.read(refreshTokens.issue({ ...token, expiresAt: 1000 }))?.gen).toBe(7);
  });

  test.each([0, -1, 1.5, 2 ** 31 - 1])('is nothing with generation %d', (gen) => {
    expect(refreshTokens.read(refreshTokens.issue({ ...token, gen }))).toBeUndefined();
  });
});
