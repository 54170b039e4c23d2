import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';

/** A signing key with the one algorithm that it is for: a token never chooses (RFC 8725 section 3.1). */
export interface Key {
  kid: string;
  algorithm: 'HS256' | 'ES256' | 'RS256';
  signingKey: KeyObject;
  verifyingKey: KeyObject;
}

/**
 * The keys of one kind of token. The first signs, all verify, so that a key can be replaced without logging anyone out.
 */
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
  // Made once: jsonwebtoken derives a key from a string again at every call, which costs thirty times the signature
  // itself.
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

/** The members of a public key that its thumbprint is made of, in their order (RFC 7638 section 3.2). */
const thumbprint = ({ crv, e, kty, n, x, y }: JsonWebKey): string => {
  const required = kty === 'EC' ? { crv, kty, x, y } : { e, kty, n };
  return createHash('sha256').update(JSON.stringify(required)).digest('base64url');
};

const privateKey = ({ algorithm, pem }: PrivateKeyPem): Key => {
  const signingKey = createPrivateKey(pem);
  const verifyingKey = createPublicKey(signingKey);
  return { kid: thumbprint(verifyingKey.export({ format: 'jwk' })), algorithm, signingKey, verifyingKey };
};

export interface PrivateKeyPem {
  algorithm: 'ES256' | 'RS256';
  /** Unencrypted, P-256 or RSA of at least 2048 bits (RFC 7518 sections 3.3 and 3.4). */
  pem: string;
}

/**
 * A key set of private keys, so that other services verify access tokens without a secret.
 * @param pems the first signs, all verify.
 * @throws TypeError when there is none, and what Node.js throws for one that it cannot read.
 */
export const createPrivateKeySet = (pems: readonly PrivateKeyPem[]): KeySet => createKeySet(pems.map(privateKey));

/** The public keys of a set (RFC 7517), for `/.well-known/jwks.json`. Empty for secrets, which are nobody's to see. */
export const publicJwks = ({ byId }: KeySet): { keys: JsonWebKey[] } => ({
  keys: [...byId.values()]
    .filter(({ verifyingKey }) => verifyingKey.type === 'public')
    .map(({ kid, algorithm, verifyingKey }) => ({
      ...verifyingKey.export({ format: 'jwk' }),
      kid,
      alg: algorithm,
      use: 'sig',
    })),
});
