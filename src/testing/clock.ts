import type { Clock } from 'latchkey/server';

export interface TestClock extends Clock {
  /** Lets time pass, in milliseconds, and calls back what falls due meanwhile, in order. */
  advance(milliseconds: number): void;
  /** Lets time pass in which no timer goes off, as where a runtime freezes its processes. */
  sleep(milliseconds: number): void;
  /** Sets the clock ahead, or back. No time passes. */
  turn(milliseconds: number): void;
}

interface Timer {
  at: number;
  callback: () => void;
}

/** A clock that stands until it is told otherwise. */
export const createTestClock = (now = Date.UTC(2026, 0, 1, 12)): TestClock => {
  let time = now;
  let turned = 0;
  const timers = new Set<Timer>();

  /** Of those that are due at once, the one that was set first. */
  const nextDue = (until: number): Timer | undefined => {
    let next: Timer | undefined;
    for (const timer of timers)
      if (timer.at <= until && timer.at < (next?.at ?? Number.POSITIVE_INFINITY)) next = timer;
    return next;
  };

  return {
    now: () => time + turned,
    monotonic: () => time - now,
    after: (milliseconds, callback) => {
      const timer = { at: time + milliseconds, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance: (milliseconds) => {
      const until = time + milliseconds;
      for (let timer = nextDue(until); timer !== undefined; timer = nextDue(until)) {
        timers.delete(timer);
        time = Math.max(time, timer.at);
        timer.callback();
      }
      time = until;
    },
    sleep: (milliseconds) => {
      time += milliseconds;
    },
    turn: (milliseconds) => {
      turned += milliseconds;
    },
  };
};
