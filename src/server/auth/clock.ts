/** Tells the time in milliseconds since the epoch. Injected, so that a test never waits. */
export interface Clock {
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

export const SECOND = 1000;

/** NumericDate (RFC 7519 section 2): whole seconds since the epoch, rounded down. */
export const toSeconds = (milliseconds: number): number => Math.floor(milliseconds / SECOND);
