import type { AuthMethod, SessionGrant, User } from '../../../shared/auth/index.ts';
import { FRESH_TTL_MS, isMetBy, type ProofTimes, proofClaims } from '../../../shared/auth/proofs.ts';
import type { StoredUser } from '../accounts/stored-user.ts';
import type { Clock } from '../clock.ts';
import type { AccessTokens } from '../tokens/access-tokens.ts';
import type { RefreshTokens } from '../tokens/refresh-tokens.ts';
import { matchesHash } from '../tokens/secrets.ts';
import { sessionEndsAt } from './rotation.ts';
import type { SessionCookieValues } from './session-cookies.ts';
import type { StoredSession } from './stored-session.ts';

/** What login, registration, refresh and a proof hand out: the answer's body, and what goes into cookies instead. */
export interface Grant {
  answer: SessionGrant;
  cookies: SessionCookieValues;
}

export interface GrantingOptions {
  accessTokens: AccessTokens;
  refreshTokens: RefreshTokens;
  clock: Clock;
  /** Makes of a user what answers show. */
  present: (user: StoredUser) => User;
  /** What of the account's ways to prove itself counts here. */
  facOf: (user: StoredUser) => AuthMethod[];
}

/** What a grant is made with beside the session. */
export interface GrantedWith {
  sec: string;
  /** The newest token, where the caller has presented it and it can stay as it is. */
  newest?: string | undefined;
  /** The cookie `fresh` that the request carries, or that has just been made. */
  fresh?: string | undefined;
  /** Whether it has just been made. */
  isFreshNew?: boolean;
}

export type Granting = (session: GrantedSession, granted: GrantedWith) => Grant;

export type GrantedSession = Pick<StoredSession, 'sid' | 'signIn' | 'sver' | 'fresh' | 'state' | 'user'>;

/**
 * The proofs that a request may rest on: those that the cookie `fresh` stands for, as long as it lives. A copy of the
 * refresh cookie alone has none of them.
 */
export const provenBy = (
  { fresh }: Pick<StoredSession, 'fresh'>,
  cookie: string | undefined,
  now: number,
): ProofTimes | undefined => {
  if (fresh === undefined || cookie === undefined || now - fresh.at >= FRESH_TTL_MS) return undefined;
  return matchesHash(cookie, fresh.hash) ? fresh.times : undefined;
};

export const createGranting =
  ({ accessTokens, refreshTokens, clock, present, facOf }: GrantingOptions): Granting =>
  (session, { sec, newest, fresh, isFreshNew = false }) => {
    const { sid, signIn, sver, state, user } = session;
    const now = clock.now();
    const endsAt = sessionEndsAt(state);
    const presented = present(user);
    const fac = facOf(user);
    const proven = provenBy(session, fresh, now);
    const principal = {
      id: user.id,
      roles: presented.roles,
      emailVerified: presented.emailVerified,
      ...proofClaims(signIn, proven, { fac, now }),
      fac,
      // A proof that needs another one beside it is kept in the row until that comes, and opens nothing before.
      fsh: proven !== undefined && isMetBy(proven, fac, now) ? (session.fresh?.hash ?? '') : '',
      sid,
      ver: user.ver,
      sver,
    };
    return {
      answer: { ...accessTokens.issue(principal, state.absoluteEndsAt), user: presented },
      cookies: {
        refreshToken:
          newest ?? refreshTokens.issue({ userId: user.id, sid, gen: state.issued, sec, sver, expiresAt: endsAt }),
        sid,
        endsAt,
        ...(isFreshNew && fresh !== undefined && { fresh }),
      },
    };
  };
