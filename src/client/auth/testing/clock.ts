import type { AuthEnvironment } from '../environment.ts';

/** Lets everything happen that needs no time: promises, and what hangs on them. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 60; turn += 1) await Promise.resolve();
};

export interface TestClock extends Pick<AuthEnvironment, 'now' | 'setTimer'> {
  /** Lets so many milliseconds go by, and runs what falls due, in order. */
  advance: (milliseconds: number) => Promise<void>;
  /** Sets the clock without letting time go by: a wrong clock that is put right, or sleep. No timer moves. */
  jump: (milliseconds: number) => void;
  timers: () => number;
}

interface Timer {
  at: number;
  run: () => void;
}

/** A clock that stands still until it is told to go on. */
export const createTestClock = (start = 1_700_000_000_000, letSettle: () => Promise<void> = settle): TestClock => {
  let elapsed = 0;
  let offset = start;
  const due = new Set<Timer>();

  /** The one that falls due first, no later than the end. Of two at one moment, the one that was set first. */
  const firstUntil = (end: number): Timer | null => {
    let first: Timer | null = null;
    for (const timer of due) if (first === null ? timer.at <= end : timer.at < first.at) first = timer;
    return first;
  };

  return {
    now: () => offset + elapsed,
    setTimer(run, milliseconds) {
      const timer = { at: elapsed + milliseconds, run };
      due.add(timer);
      return () => void due.delete(timer);
    },
    async advance(milliseconds) {
      const end = elapsed + milliseconds;
      await letSettle();
      for (let timer = firstUntil(end); timer !== null; timer = firstUntil(end)) {
        due.delete(timer);
        elapsed = Math.max(elapsed, timer.at);
        timer.run();
        await letSettle();
      }
      elapsed = end;
    },
    jump(milliseconds) {
      offset += milliseconds;
    },
    timers: () => due.size,
  };
};
