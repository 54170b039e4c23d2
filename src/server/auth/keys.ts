import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';

/** A signing key with the one algorithm that it is for: a token never chooses (RFC 8725 section 3.1). */
export interface Key {
  kid: string;
  algorithm: 'HS256' | 'ES256' | 'RS256';
  signingKey: KeyObject;
  verifyingKey: KeyObject;
}

/** The keys of one kind of token. The first signs, all verify, so that a key can be replaced without logging anyone out. */
export interface KeySet {
  signing: Key;
  byId: ReadonlyMap<string, Key>;
}

export const createKeySet = (keys: readonly Key[]): KeySet => {
  const [signing] = keys;
  if (signing === undefined) throw new TypeError('A key set needs at least one key.');
  return { signing, byId: new Map(keys.map((key) => [key.kid, key])) };
};

const secretKey = (secret: string): Key => {
  // Made once: jsonwebtoken derives a key from a string again at every call, which costs thirty times the signature itself.
  const key = createSecretKey(secret, 'utf8');
  const kid = createHmac('sha256', key).update('latchkey kid').digest('base64url').slice(0, 12);
  return { kid, algorithm: 'HS256', signingKey: key, verifyingKey: key };
};

/**
 * A key set of HS256 secrets.
 * @param secrets the first signs, all verify. At least 32 bytes each (RFC 7518 section 3.2).
 * @throws TypeError when there is none, or one is too short.
 */
export const createSecretKeySet = (secrets: readonly string[]): KeySet => {
  if (secrets.some((secret) => Buffer.byteLength(secret) < 32))
    throw new TypeError('A secret needs at least 32 bytes.');
  return createKeySet(secrets.map(secretKey));
};
