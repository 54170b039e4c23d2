import { readFileSync } from 'node:fs';
import { type Clock, systemClock } from 'latchkey/server';

/** A test that writes the file is told of within 100 ms. */
const LOOK_INTERVAL_MS = 50;

interface Timer {
  /** By the clock's own monotonic time. */
  dueAt: number;
  run(): void;
  cancel(): void;
}

/** Undefined: there is no file, or no number in it. */
const readShift = (path: string): number | undefined => {
  try {
    const text = readFileSync(path, 'utf8').trim();
    return /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
  } catch {
    return undefined;
  }
};

export interface TestClock {
  clock: Clock;
  /** Looks at the file no more. */
  stop(): void;
}

/**
 * The system's clock with so many milliseconds added as stand in a file, which is looked at again and again: a test
 * lets ten minutes pass by writing 600000. Timers that fall due by it go off. A smaller number sets the clock back;
 * what measures how long something lasts goes on.
 */
export const createTestClock = (path: string, system: Clock = systemClock): TestClock => {
  let shift = readShift(path) ?? 0;
  let elapsed = shift;
  const timers = new Set<Timer>();

  const monotonic = (): number => system.monotonic() + elapsed;

  const arm = (timer: Timer): void => {
    timer.cancel();
    timer.cancel = system.after(Math.max(0, timer.dueAt - monotonic()), timer.run);
  };
  const look = (): void => {
    const read = readShift(path);
    if (read === undefined || read === shift) return;
    elapsed += Math.max(0, read - shift);
    shift = read;
    for (const timer of timers) arm(timer);
  };
  const looking = setInterval(look, LOOK_INTERVAL_MS).unref();

  return {
    clock: {
      now: () => system.now() + shift,
      monotonic,
      after: (milliseconds, callback) => {
        const timer: Timer = {
          dueAt: monotonic() + milliseconds,
          run: () => {
            timers.delete(timer);
            callback();
          },
          cancel: () => {},
        };
        timers.add(timer);
        arm(timer);
        return () => {
          timers.delete(timer);
          timer.cancel();
        };
      },
    },
    stop: () => clearInterval(looking),
  };
};
