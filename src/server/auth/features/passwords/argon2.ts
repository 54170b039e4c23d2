import type { Argon2 } from './hashing-threads.ts';

/** OWASP's parameters for argon2id, which is the library's default kind: 19 MiB, two passes, one lane. */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** In KiB (RFC 9106 section 3.1). */
const MIN_MEMORY_KIB = 8;

const CURRENT = `$argon2id$v=19$m=${PARAMETERS.memoryCost},t=${PARAMETERS.timeCost},p=${PARAMETERS.parallelism}$`;

/** What an unknown user's password is compared with: no password is known that has it. */
const DUMMY_HASH = `${CURRENT}${'A'.repeat(22)}$${'A'.repeat(43)}`;

/** Whether a hash is one of argon2, of whichever kind and parameters. */
export const isArgon2 = (hash: string): boolean => /^\$argon2(?:id|i|d)\$/.test(hash);

const WORK = PARAMETERS.memoryCost * PARAMETERS.timeCost;

const COST = /^\$argon2id?\$v=\d+\$m=(\d+),t=(\d+),/;

/**
 * What is to be hashed beside a hash that was made with less work than today's, so that both together take as long.
 * Undefined: nothing.
 */
const missingWork = (storedHash: string): { memoryCost: number; timeCost: number; parallelism: number } | undefined => {
  const [, memoryCost, timeCost] = COST.exec(storedHash) ?? [];
  if (memoryCost === undefined) return undefined;
  const missing = Math.floor((WORK - Number(memoryCost) * Number(timeCost)) / PARAMETERS.timeCost);
  return missing < MIN_MEMORY_KIB ? undefined : { ...PARAMETERS, memoryCost: missing };
};

export interface PasswordHasher {
  /** A PHC string, with its own salt. */
  hash(password: string): Promise<string>;
  /**
   * Whether the password is the one that was hashed. Without a hash (an unknown user) it takes the same time and says
   * no, and a hash that was made with less work than today's takes that time as well (ASVS 6.3.8).
   */
  verify(hash: string | undefined, password: string): Promise<boolean>;
  /** Whether a hash was made with other parameters than today's. */
  isOutdated(hash: string): boolean;
}

/** Argon2id by today's parameters. */
export const createArgon2Hasher = ({ hash, verify }: Argon2): PasswordHasher => ({
  hash: (password) => hash(password, PARAMETERS),
  verify: async (storedHash, password) => {
    if (storedHash !== undefined && !isArgon2(storedHash)) {
      throw new TypeError('A stored hash is none of argon2: passwords({ verifyLegacyHash }) can verify it.');
    }
    const known = storedHash ?? DUMMY_HASH;
    const isRight = await verify(known, password);
    const missing = missingWork(known);
    if (missing !== undefined) await hash(password, missing);
    return isRight && storedHash !== undefined;
  },
  isOutdated: (storedHash) => !storedHash.startsWith(CURRENT),
});
