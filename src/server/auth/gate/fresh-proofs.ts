import { type CookieOrigin, cookieNames } from '../../../shared/auth/cookies.ts';
import { isProvenWithin } from '../../../shared/auth/proofs.ts';
import type { CookieJar } from '../request.ts';
import { createCoreSlot } from '../slot.ts';
import type { Principal } from '../tokens/access-tokens.ts';
import { matchesHash } from '../tokens/secrets.ts';

const VALUE = /^[A-Za-z0-9_-]{43}$/;

export type FreshProofs = ReturnType<typeof createFreshProofs>;

export const freshProofsSlot = createCoreSlot<FreshProofs>('fresh-proofs');

/** Looks at proofs by the access token and the cookie `fresh` together. Asks no database. */
export const createFreshProofs = ({ origin, now }: { origin: CookieOrigin; now: () => number }) => {
  const name = cookieNames(origin).fresh;

  /** The cookie's value: undefined where there is none, and where somebody planted another. */
  const read = (jar: Pick<CookieJar, 'values'>): string | undefined => {
    const [value, ...others] = jar.values(name);
    return value !== undefined && others.length === 0 && VALUE.test(value) ? value : undefined;
  };

  return {
    read,
    /**
     * Whether what a sign-in of the account asks for was proven within so many seconds, by this browser: an access
     * token alone changes nothing.
     */
    isMet: (user: Principal, jar: Pick<CookieJar, 'values'>, maxAge: number): boolean => {
      const value = read(jar);
      if (user.fsh === '' || value === undefined || !matchesHash(value, user.fsh)) return false;
      return isProvenWithin(user, maxAge, now());
    },
  };
};
