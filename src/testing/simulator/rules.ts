import type { SessionPolicy } from '#server/auth/sessions/sessions.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

/** The server's defaults, but for access tokens, which are short so that every run renews many. */
export const LEEWAY = 30 * SECOND;
export const ACCESS_TOKEN_TTL = 90 * SECOND;
export const POLICY: SessionPolicy = { leewayMs: LEEWAY, idleTtlMs: 7 * 24 * HOUR, absoluteTtlMs: 90 * 24 * HOUR };

/** How late something happens at most. What is later does not happen. */
export interface Lateness {
  /** From sending a request to each of its statements. */
  request: number;
  /** From making an answer to its arrival. */
  answer: number;
}

/** From how many forks of a session on, without a rotation between, an operator must be told. */
export const TELLING_FORKS = 3;

/** How far the clocks of the two servers are apart. They may be so by a third of the leeway. */
export const SERVER_SKEW = LEEWAY / 10;

/**
 * What the rotation's rules assume: of a request, that it comes within two thirds of the leeway, less what clocks
 * differ by; of an answer, that nobody waits longer than the client does. That this is enough is what the exploration
 * beside this shows.
 */
export const IN_TIME: Lateness = { request: (2 / 3) * LEEWAY - SERVER_SKEW, answer: LEEWAY / 3 };
