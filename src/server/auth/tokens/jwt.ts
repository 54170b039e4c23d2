import jwt from 'jsonwebtoken';
import { z } from 'zod/v4';
import type { KeySet } from './keys.ts';

/** The longest token or cookie value that is looked at, in bytes (ASVS 3.3.5). */
export const MAX_TOKEN_LENGTH = 4096;

const COMPACT_JWS = /^([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+\.([A-Za-z0-9_-]+)$/;

const headerSchema = z.strictObject({ alg: z.string(), typ: z.string(), kid: z.string() });

export interface TokenFormat<TClaims> {
  keys: KeySet;
  /** Keeps the kinds of token apart (RFC 8725 section 3.11). */
  typ: 'at+jwt' | 'rt+jwt';
  issuer: string;
  audience: string;
  claims: z.ZodType<TClaims>;
}

export const signToken = <TClaims extends object>(format: TokenFormat<TClaims>, claims: TClaims): string => {
  const { kid, algorithm, signingKey } = format.keys.signing;
  return jwt.sign({ iss: format.issuer, aud: format.audience, ...claims }, signingKey, {
    algorithm,
    header: { alg: algorithm, typ: format.typ, kid },
  });
};

/** Only one spelling of a signature is taken, so that a token cannot be changed and stay valid. */
const isCanonical = (part: string): boolean => Buffer.from(part, 'base64url').toString('base64url') === part;

const readHeader = (part: string) => {
  try {
    return headerSchema.safeParse(JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))).data;
  } catch {
    return undefined; // Not JSON: not a token of ours.
  }
};

/**
 * The claims of an authentic token of this kind, or undefined. Bounded before it is parsed; its signature is checked
 * before its content (ASVS 9.1.1); the key, and with it the algorithm, comes from our own set by `kid` and from nowhere
 * else. Whether the token has expired is the caller's question, for it has the clock.
 */
export const readToken = <TClaims>(format: TokenFormat<TClaims>, token: string): TClaims | undefined => {
  if (token.length > MAX_TOKEN_LENGTH) return undefined;
  const [, headerPart, signaturePart] = COMPACT_JWS.exec(token) ?? [];
  if (headerPart === undefined || signaturePart === undefined || !isCanonical(signaturePart)) return undefined;

  const header = readHeader(headerPart);
  const key = header === undefined ? undefined : format.keys.byId.get(header.kid);
  if (header === undefined || key === undefined || header.typ !== format.typ) return undefined;

  try {
    const payload = jwt.verify(token, key.verifyingKey, { algorithms: [key.algorithm], ignoreExpiration: true });
    if (typeof payload === 'string') return undefined;
    const { iss, aud, ...claims } = payload;
    if (iss !== format.issuer || aud !== format.audience) return undefined;
    return format.claims.safeParse(claims).data;
  } catch {
    return undefined; // The library throws more kinds of errors than its own: a signature of a wrong length is a TypeError.
  }
};
