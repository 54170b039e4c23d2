import fc from 'fast-check';
import { encodePart, forge, readParts } from './forge.ts';

const base64url = fc.stringMatching(/^[A-Za-z0-9_-]{1,60}$/);
const HEADER_NAMES = ['alg', 'typ', 'kid', 'jwk', 'jku', 'crit', 'x5c', '__proto__'];
const CLAIM_NAMES = [
  'iss',
  'aud',
  'sub',
  'sid',
  'ver',
  'roles',
  'auth_time',
  'amr',
  'acr',
  'sver',
  'fac',
  'fsh',
  'email_verified',
  'iat',
  'exp',
  'nbf',
  'gen',
  'sec',
  'admin',
  '__proto__',
];
const VALUES = [
  'none',
  'HS256',
  'HS512',
  'ES256',
  'at+jwt',
  'rt+jwt',
  'JWT',
  'admin',
  '',
  null,
  0,
  1,
  -1,
  2 ** 31,
  4_102_444_800,
  true,
  ['admin'],
  {},
];

const value = fc.oneof(fc.constantFrom(...VALUES), fc.jsonValue({ maxDepth: 2 }));

/** One part of a token written anew with one member changed, its signature kept. */
const rewritten = (token: string): fc.Arbitrary<string> => {
  const { header, claims, signature } = readParts(token);
  return fc.record({ isHeader: fc.boolean(), name: fc.nat(), value }).map(({ isHeader, name, value: changed }) => {
    const names = isHeader ? HEADER_NAMES : CLAIM_NAMES;
    const change = { [names[name % names.length] ?? '']: changed };
    const parts = isHeader ? [{ ...header, ...change }, claims] : [header, { ...claims, ...change }];
    return [...parts.map(encodePart), signature].join('.');
  });
};

/** A token that somebody signed who has none of our keys. */
const forged = (token: string): fc.Arbitrary<string> => {
  const { header, claims } = readParts(token);
  return fc
    .record({ secret: fc.string({ maxLength: 40 }), name: fc.constantFrom(...CLAIM_NAMES), value })
    .map(({ secret, name, value: changed }) => forge(header, { ...claims, [name]: changed }, secret));
};

/** The text of a token with something done to it in one place. */
const mangled = (token: string): fc.Arbitrary<string> =>
  fc
    .record({
      at: fc.nat(token.length),
      count: fc.integer({ min: 0, max: 5 }),
      text: fc.oneof(base64url, fc.string({ maxLength: 4 })),
    })
    .map(({ at, count, text }) => token.slice(0, at) + text + token.slice(at + count));

const recombined = (tokens: readonly string[]): fc.Arbitrary<string> => {
  const parts = tokens.flatMap((token) => token.split('.'));
  return fc
    .array(fc.oneof(fc.constantFrom(...parts), base64url, fc.constant('')), { minLength: 1, maxLength: 5 })
    .map((some) => some.join('.'));
};

/**
 * What somebody might send for a token who has seen these, and none of the keys. Now and then it is one of them,
 * unchanged.
 */
export const arbitraryToken = (tokens: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(
    ...tokens.flatMap((token) => [mangled(token), rewritten(token), forged(token)]),
    recombined(tokens),
    fc.string({ maxLength: 200 }),
  );
