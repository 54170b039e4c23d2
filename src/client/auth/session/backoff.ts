const FIRST_MS = 1_000;
const MAX_MS = 60_000;

/**
 * How long to wait after the given number of failures in a row, from 1 up: 1 s, doubled each time, at most a minute, of
 * which the second half is random, so that the tabs and the users of a server that comes back do not all come at once.
 * Longer if the server wants it.
 */
export const backoff = (failures: number, random: () => number, retryAfterMs = 0): number => {
  const max = Math.min(MAX_MS, FIRST_MS * 2 ** (failures - 1));
  return Math.max(max * (0.5 + 0.5 * random()), retryAfterMs);
};

/** Milliseconds before which the server wants no other attempt, by the data of its refusal. 0 if it names none. */
export const retryAfterMsOf = ({ retryAfter }: Record<string, unknown>): number =>
  typeof retryAfter === 'number' && retryAfter > 0 ? retryAfter * 1_000 : 0;
