/** Tells and measures time. Injected, so that a test never waits. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /**
   * Milliseconds since whenever, on a clock that is never set: for how long something lasts, whatever happens to `now`.
   */
  monotonic(): number;
  /** Calls back once, so many milliseconds from now. Returns a function that cancels it. Keeps no process alive. */
  after(milliseconds: number, callback: () => void): () => void;
}

/** Node.js fires at once what lies further ahead than this. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (milliseconds, callback) => {
    const timer = setTimeout(callback, Math.min(milliseconds, MAX_TIMER_MS)).unref();
    return () => clearTimeout(timer);
  },
};

/** In milliseconds. */
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** NumericDate (RFC 7519 section 2): whole seconds since the epoch, rounded down. */
export const toSeconds = (milliseconds: number): number => Math.floor(milliseconds / SECOND);
