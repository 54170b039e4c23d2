import { isArgon2, type PasswordHasher } from './argon2.ts';

/** Whether the password is the one that was hashed, by whatever made the hash. */
export type VerifyLegacyHash = (password: string, hash: string) => boolean | Promise<boolean>;

/**
 * A hasher that has hashes which are none of argon2's verified by the app. They count as outdated, and are renewed at
 * the first sign-in.
 *
 * Such a hash is verified beside the work of today's, so that its owner cannot be told from an unknown user (ASVS
 * 6.3.8), unless it takes longer than that: until its owner has signed in, nothing can mend it.
 */
export const withLegacyHashes = (hasher: PasswordHasher, verifyLegacyHash: VerifyLegacyHash): PasswordHasher => ({
  ...hasher,
  verify: async (storedHash, password) => {
    if (storedHash === undefined || isArgon2(storedHash)) return await hasher.verify(storedHash, password);
    const [isRight]: unknown[] = await Promise.all([
      verifyLegacyHash(password, storedHash),
      hasher.verify(undefined, password),
    ]);
    // A library that answers with an object, or a forgotten await, must let nobody in.
    if (typeof isRight !== 'boolean') throw new TypeError('verifyLegacyHash has to answer with true or false.');
    return isRight;
  },
});
