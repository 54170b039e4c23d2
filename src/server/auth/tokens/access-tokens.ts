import { z } from 'zod/v4';
import type { Acr, Amr, AuthMethod, Role } from '../../../shared/auth/index.ts';
import { ACR, AMR } from '../../../shared/auth/proofs.ts';
import { type Clock, SECOND, toSeconds } from '../clock.ts';
import { refuse } from '../refusal.ts';
import { DEFAULT_ROLES } from '../roles.ts';
import { readToken, signToken, type TokenFormat } from './jwt.ts';
import type { KeySet } from './keys.ts';

/** The words of `fac`. */
const methodSchema = z.union([
  z.enum(['password', 'totp', 'passkey']),
  z.templateLiteral(['oidc:', z.string().regex(/^[a-z0-9-]+$/)]),
]);

const claimsSchemaOf = (roles: readonly Role[]) =>
  z.strictObject({
    sub: z.string().min(1),
    sid: z.string().min(1),
    ver: z.int().min(0),
    roles: z.array(z.enum(roles)),
    auth_time: z.int(),
    amr: z.array(z.enum(AMR)),
    acr: z.enum(ACR),
    sver: z.int().min(0),
    fac: z.array(methodSchema),
    fsh: z.string().max(43),
    email_verified: z.boolean(),
    iat: z.int(),
    exp: z.int(),
  });

type AccessClaims = z.infer<ReturnType<typeof claimsSchemaOf>>;

/** Who is calling, from the access token alone. */
export interface Principal {
  id: string;
  roles: readonly Role[];
  /** When the person last proved who they are, by all that a sign-in asks for, in milliseconds since the epoch. */
  authTime: number;
  /** By what they have proved it. */
  amr: readonly Amr[];
  acr: Acr;
  /** What the account can prove itself by, as far as the features given know it. */
  fac: readonly AuthMethod[];
  /** SHA-256 of the cookie `fresh` that belongs to a recent proof; empty without one. */
  fsh: string;
  emailVerified: boolean;
  /** The session's secret name, which tokens carry; the public one is `sessions.list`'s `id`. */
  sid: string;
  /** The user's counter of changes to roles or standing, as it was when the token was issued. */
  ver: number;
  /** The session's counter of proofs: a token with a lower one is stale. */
  sver: number;
  /** When the access token ends, in milliseconds since the epoch. */
  expiresAt: number;
}

/** How far ahead of this server's clock a token's `iat` may lie, in seconds. */
const MAX_FUTURE_IAT_SECONDS = 60;

/** How many verified tokens are remembered, so that a token in steady use is not verified again for every call. */
const CACHE_SIZE = 1000;

export interface AccessTokenOptions {
  keys: KeySet;
  /** The origin of `PUBLIC_URL`: issuer and audience. */
  origin: string;
  /** Lifetime of a token. */
  ttlSeconds: number;
  clock: Clock;
  /**
   * A token that carries another one is invalid: a role that an app no longer has is nobody's.
   * @default ['user', 'admin']
   */
  roles?: readonly Role[];
}

export type AccessTokens = ReturnType<typeof createAccessTokens>;

/** Signs and verifies access tokens (RFC 9068: `typ` is `at+jwt`). */
export const createAccessTokens = ({ keys, origin, ttlSeconds, clock, roles = DEFAULT_ROLES }: AccessTokenOptions) => {
  const format: TokenFormat<AccessClaims> = {
    keys,
    typ: 'at+jwt',
    issuer: origin,
    audience: origin,
    claims: claimsSchemaOf(roles),
  };
  const verified = new Map<string, AccessClaims>();

  const read = (token: string): AccessClaims | undefined => {
    const known = verified.get(token);
    if (known !== undefined) return known;

    const claims = readToken(format, token);
    if (claims === undefined || claims.exp - claims.iat > ttlSeconds) return undefined;

    const oldest = verified.size >= CACHE_SIZE ? verified.keys().next().value : undefined;
    if (oldest !== undefined) verified.delete(oldest);
    // One set of arrays for every call of the token: a resolver that writes into its `ctx.user` changes no other's.
    for (const list of [claims.roles, claims.amr, claims.fac]) Object.freeze(list);
    verified.set(token, claims);
    return claims;
  };

  return {
    /**
     * Issues a token that never outlives the session.
     * @param endsAt the session's absolute end, in milliseconds since the epoch.
     * @returns the token, and `expiresIn`: whole seconds from now, rounded down, at least 1.
     */
    issue: (principal: Omit<Principal, 'expiresAt'>, endsAt: number): { accessToken: string; expiresIn: number } => {
      const now = clock.now();
      const iat = toSeconds(now);
      const exp = Math.min(iat + ttlSeconds, toSeconds(endsAt));
      const accessToken = signToken(format, {
        sub: principal.id,
        sid: principal.sid,
        ver: principal.ver,
        roles: [...principal.roles],
        auth_time: toSeconds(principal.authTime),
        amr: [...principal.amr],
        acr: principal.acr,
        sver: principal.sver,
        fac: [...principal.fac],
        fsh: principal.fsh,
        email_verified: principal.emailVerified,
        iat,
        exp,
      });
      return { accessToken, expiresIn: Math.max(1, toSeconds(exp * SECOND - now)) };
    },

    /**
     * Who the bearer of this token is. Says nothing about whether the session has been revoked since: that is the
     * gate's part.
     * @throws `access_token_invalid`, `access_token_expired`
     */
    verify: (token: string): Principal => {
      const claims = read(token);
      const now = clock.now();
      if (claims === undefined || claims.iat * SECOND > now + MAX_FUTURE_IAT_SECONDS * SECOND)
        throw refuse('access_token_invalid');
      if (now >= claims.exp * SECOND) {
        verified.delete(token);
        throw refuse('access_token_expired');
      }
      return {
        id: claims.sub,
        roles: claims.roles,
        authTime: claims.auth_time * SECOND,
        amr: claims.amr,
        acr: claims.acr,
        fac: claims.fac,
        fsh: claims.fsh,
        emailVerified: claims.email_verified,
        sid: claims.sid,
        ver: claims.ver,
        sver: claims.sver,
        expiresAt: claims.exp * SECOND,
      };
    },
  };
};
