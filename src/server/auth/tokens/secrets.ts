import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 32 random bytes in base64url: a session's `sid` and `sec`, the id of a device. */
export const createRandomName = (): string => randomBytes(32).toString('base64url');

/** SHA-256 in base64url: enough where what is hashed cannot be guessed. */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('base64url');

/** Compares in constant time. */
export const matchesHash = (secret: string, hash: string): boolean => {
  const actual = Buffer.from(hashSecret(secret));
  const expected = Buffer.from(hash);
  return actual.length === expected.length && timingSafeEqual(actual, expected);
};
