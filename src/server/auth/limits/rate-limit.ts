/** How tries from one source are slowed down: so many are free, then each costs a wait, and the waits grow. */
export interface RateLimit {
  /** How many tries come without a wait. */
  burst: number;
  /** The wait after the last free try, in milliseconds. It doubles with each further try. */
  firstWait: number;
  /** The longest wait, in milliseconds. There is no lock-out: a wait always ends. */
  longestWait: number;
  /** After so long without a try all is forgotten, in milliseconds. */
  forgetAfter: number;
}

/** The wait that the n-th try leaves behind, in milliseconds. */
export const waitAfter = (tries: number, { burst, firstWait, longestWait }: RateLimit): number =>
  tries < burst ? 0 : Math.min(longestWait, firstWait * 2 ** (tries - burst));

/** Every wait of a limit from its last free try on, the last one being the longest. */
export const waitsOf = (limit: RateLimit): number[] => {
  const waits: number[] = [];
  for (let tries = limit.burst; waits.at(-1) !== limit.longestWait; tries += 1) waits.push(waitAfter(tries, limit));
  return waits;
};
