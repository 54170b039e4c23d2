import type { Clock } from '#server/auth/index.ts';

export interface TestClock extends Clock {
  /** Lets time pass, in milliseconds. */
  advance(milliseconds: number): void;
}

/** A clock that stands until it is told otherwise. */
export const createTestClock = (now = Date.UTC(2026, 0, 1, 12)): TestClock => {
  let time = now;
  return {
    now: () => time,
    advance: (milliseconds) => {
      time += milliseconds;
    },
  };
};
