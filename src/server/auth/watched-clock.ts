import { type Clock, MINUTE, SECOND } from './clock.ts';

/** Less than this is how clocks are kept right. Between processes a minute is allowed for: see `CLOCK_SKEW_MS`. */
const TOLERANCE_MS = 5 * SECOND;
const WATCH_INTERVAL_MS = MINUTE;

export interface WatchedClock extends Clock {
  /** Calls back each time that the clock is found to have been set back, before anybody is told the new time. */
  onSetBack(listener: (milliseconds: number) => void): void;
  /** Looks at the clock by itself from now on, once a minute. Returns a function that stops it. */
  watch(): () => void;
}

export interface WatchedClockOptions {
  /** Called with the number of milliseconds by which the clock was set: negative if back, positive if ahead. */
  onJump: (milliseconds: number) => void;
}

/**
 * A clock that notices when it is set. Back matters: what had ended begins to count again, and what was forgotten with
 * it. That is noticed the next time anybody asks for the time, so that nothing is decided by the new time before all
 * are told. Ahead is only reported, within a minute: what ends too early is safe. A machine that slept looks the same.
 */
export const watchClock = (clock: Clock, { onJump }: WatchedClockOptions): WatchedClock => {
  const listeners: ((milliseconds: number) => void)[] = [];
  let latest = Number.NEGATIVE_INFINITY;
  let offset = clock.now() - clock.monotonic();

  const now = (): number => {
    const time = clock.now();
    const back = latest - time;
    if (back > TOLERANCE_MS) {
      latest = time;
      offset = time - clock.monotonic();
      onJump(-back);
      for (const listener of listeners) listener(back);
    } else if (back < 0) latest = time;
    return time;
  };

  const checkJump = (): void => {
    const ahead = now() - clock.monotonic() - offset;
    if (Math.abs(ahead) <= TOLERANCE_MS) return;
    offset += ahead;
    onJump(ahead);
  };

  return {
    now,
    monotonic: () => clock.monotonic(),
    after: (milliseconds, callback) => clock.after(milliseconds, callback),
    onSetBack: (listener) => void listeners.push(listener),
    watch: () => {
      let cancel = (): void => {};
      const again = (): void => {
        checkJump();
        cancel = clock.after(WATCH_INTERVAL_MS, again);
      };
      again();
      return () => cancel();
    },
  };
};
