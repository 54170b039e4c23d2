import { SECOND } from '../clock.ts';
import type { LimitRow } from '../store/tables.ts';
import type { RateLimit } from './rate-limit.ts';

/** What is known of the attempts of one bucket. */
export type Attempts = Pick<LimitRow, 'attempts' | 'wait_until' | 'touched_at'>;

/**
 * How far the clock that wrote a row may be ahead of the one that reads it, in milliseconds: processes agree within a
 * third of the leeway. A row from further ahead was written by a clock that was wrong, another process's or our own
 * before it was set right.
 */
export const CLOCK_TOLERANCE_MS = 10 * SECOND;

/**
 * How long a bucket still has to wait, in milliseconds: what is left of the wait that its last attempt was given, and
 * never more than that. No wait is no wait, one that is longer than the limit's longest is none, and one that a wrong
 * clock wrote is none: nobody is locked out by a clock.
 */
export const waitOf = (
  { wait_until: end, touched_at: start }: Attempts,
  now: number,
  { maxWaitMs }: Pick<RateLimit, 'maxWaitMs'>,
): number => {
  const length = end - start;
  const isBelieved = length > 0 && length <= maxWaitMs && start <= now + CLOCK_TOLERANCE_MS;
  return isBelieved ? Math.min(length, Math.max(0, end - now)) : 0;
};
