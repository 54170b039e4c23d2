import { DAY, HOUR, MINUTE } from '../../clock.ts';

const FIRST_RETRY_MS = MINUTE;
const MAX_RETRY_MS = 6 * HOUR;

/**
 * After so long nobody tries any more (RFC 5321 section 4.5.4.1 asks for four or five days of a relay, which this is
 * not).
 */
export const GIVE_UP_MS = 3 * DAY;

/** How long to wait after so many tries: a minute, twice as long each time, and at most six hours. */
export const retryDelay = (attempts: number): number =>
  Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.max(0, attempts - 1));
