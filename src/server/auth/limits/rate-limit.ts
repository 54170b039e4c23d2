/** How attempts from one source are slowed down: so many are free, then each costs a wait, and the waits grow. */
export interface RateLimit {
  /** How many attempts come without a wait. */
  burst: number;
  /** The wait after the last free attempt, in milliseconds. It doubles with each further attempt. */
  firstWaitMs: number;
  /** The longest wait, in milliseconds. There is no lock-out: a wait always ends. */
  maxWaitMs: number;
  /** After so long without an attempt all is forgotten, in milliseconds. */
  forgetAfterMs: number;
}

/** The wait that the n-th attempt leaves behind, in milliseconds. */
export const waitAfter = (attempts: number, { burst, firstWaitMs, maxWaitMs }: RateLimit): number =>
  attempts < burst ? 0 : Math.min(maxWaitMs, firstWaitMs * 2 ** (attempts - burst));

/** Every wait of a limit from its last free attempt on, the last one being the longest. */
export const waitsOf = (limit: RateLimit): number[] => {
  const waits: number[] = [];
  for (let attempts = limit.burst; waits.at(-1) !== limit.maxWaitMs; attempts += 1)
    waits.push(waitAfter(attempts, limit));
  return waits;
};
