import { z } from 'zod/v4';
import { type Clock, SECOND, toSeconds } from '../clock.ts';
import { readToken, signToken, type TokenFormat } from './jwt.ts';
import type { KeySet } from './keys.ts';

/** The largest generation that a token may carry: its successor still fits a 32-bit integer column. */
const MAX_GENERATION = 2 ** 31 - 2;

/** 32 random bytes in base64url, twice what ASVS 7.2.3 asks of a session token. */
const randomName = z.string().length(43);

const claimsSchema = z.strictObject({
  sub: z.string().min(1),
  sid: randomName,
  gen: z.int().min(1).max(MAX_GENERATION),
  sec: randomName,
  sver: z.int().min(0).max(MAX_GENERATION),
  iat: z.int(),
  exp: z.int(),
});

type RefreshClaims = z.infer<typeof claimsSchema>;

/** An authentic refresh token, as far as rotation is concerned. */
export interface PresentedToken {
  /** Its generation, from 1. */
  gen: number;
  /** Its own end, in milliseconds since the epoch. */
  expiresAt: number;
}

export interface RefreshToken extends PresentedToken {
  /** When it was signed, in milliseconds since the epoch, rounded down to the second. */
  signedAt: number;
  userId: string;
  sid: string;
  /**
   * Proves the session beside the signature: the store keeps only its hash, so neither a dump of it nor a leaked key is
   * enough.
   */
  sec: string;
  /** The session's counter of proofs when it was signed. */
  sver: number;
}

export interface RefreshTokenOptions {
  keys: KeySet;
  /** The origin of `PUBLIC_URL`. */
  origin: string;
  clock: Clock;
}

export type RefreshTokens = ReturnType<typeof createRefreshTokens>;

/** Signs and reads refresh tokens. Whether one still counts is decided by the session's row. */
export const createRefreshTokens = ({ keys, origin, clock }: RefreshTokenOptions) => {
  const format: TokenFormat<RefreshClaims> = {
    keys,
    typ: 'rt+jwt',
    issuer: origin,
    audience: `${origin}/refresh`,
    claims: claimsSchema,
  };

  return {
    issue: ({ userId, sid, gen, sec, sver, expiresAt }: Omit<RefreshToken, 'signedAt'>): string =>
      signToken(format, {
        sub: userId,
        sid,
        gen,
        sec,
        sver,
        iat: toSeconds(clock.now()),
        exp: Math.ceil(expiresAt / SECOND),
      }),

    /** The token's content when it is authentic, expired or not; undefined otherwise. */
    read: (token: string): RefreshToken | undefined => {
      const claims = readToken(format, token);
      if (claims === undefined) return undefined;
      const { sub, sid, gen, sec, sver, iat, exp } = claims;
      return { userId: sub, sid, gen, sec, sver, signedAt: iat * SECOND, expiresAt: exp * SECOND };
    },
  };
};
