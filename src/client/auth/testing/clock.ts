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

export const createTestClock = (start = 1_700_000_000_000): TestClock => {
  let elapsed = 0;
  let offset = start;
  const due = new Map<symbol, { at: number; run: () => void }>();

  return {
    now: () => offset + elapsed,
    setTimer(run, milliseconds) {
      const key = Symbol('timer');
      due.set(key, { at: elapsed + milliseconds, run });
      return () => void due.delete(key);
    },
    async advance(milliseconds) {
      const end = elapsed + milliseconds;
      await settle();
      for (;;) {
        const [first] = [...due].filter(([, { at }]) => at <= end).toSorted(([, one], [, other]) => one.at - other.at);
        if (first === undefined) break;
        const [key, { at, run }] = first;
        due.delete(key);
        elapsed = Math.max(elapsed, at);
        run();
        await settle();
      }
      elapsed = end;
    },
    jump(milliseconds) {
      offset += milliseconds;
    },
    timers: () => due.size,
  };
};
