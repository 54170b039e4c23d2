/** Tells and measures time. Injected, so that a test never waits. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /**
   * Milliseconds since whenever, on a clock that is never set: for how long something lasts, whatever becomes of `now`.
   */
  monotonic(): number;
  /** Calls back once, so many milliseconds from now. What it returns calls that off. Keeps no process alive. */
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

export const SECOND = 1000;

/** NumericDate (RFC 7519 section 2): whole seconds since the epoch, rounded down. */
export const toSeconds = (milliseconds: number): number => Math.floor(milliseconds / SECOND);
