import { setImmediate as turn } from 'node:timers/promises';
import { type Clock, HOUR, SECOND } from '../clock.ts';

/** One small step through rows that may be over. */
export interface PurgeStep {
  /** Rows that were removed. */
  purged: number;
  /** Where the next step goes on; undefined at the end. */
  next: string | undefined;
}

/** Goes through one table: removes what is over among so many rows behind `after`, which is empty at first. */
export type Purge = (range: { after: string; limit: number; now: number }) => Promise<PurgeStep>;

export interface PurgingOptions {
  /** By the names under which their rows are counted. */
  purges: Readonly<Record<string, Purge>>;
  clock: Clock;
  /** From 0 up to 1. */
  random: () => number;
  /** Called when a step failed; it will be retried with the next round. */
  onError: (error: unknown) => void;
}

/** How fast a round goes, and when it is broken off. */
interface Pace {
  isOver(): boolean;
  rest(): Promise<void>;
}

/** Rows that one step looks at: a millisecond or two, which is how long it keeps a SQLite store from others. */
export const STEP_ROWS = 500;
const STEP_PAUSE_MS = SECOND;
/** From the end of a round to the next one, on average. */
const ROUND_PAUSE_MS = HOUR;

/**
 * Removes what is over, one small step a second, and after each round rests for an hour or so. By itself it takes no
 * two steps at once in this process; other processes do the same at other times, which harms nobody.
 */
export const createPurging = ({ purges, clock, random, onError }: PurgingOptions) => {
  const counts = new Map(Object.keys(purges).map((name) => [name, 0]));
  let isStopped = true;
  let cancel = (): void => {};
  let running: Promise<void> = Promise.resolve();

  const pause = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => {
      if (isStopped) {
        resolve();
        return;
      }
      const cancelTimer = clock.after(milliseconds, resolve);
      cancel = () => {
        cancelTimer();
        resolve();
      };
    });

  const purgeAll = async (name: string, purge: Purge, { isOver, rest }: Pace): Promise<void> => {
    let after: string | undefined = '';
    while (after !== undefined && !isOver()) {
      const step: PurgeStep = await purge({ after, limit: STEP_ROWS, now: clock.now() });
      counts.set(name, (counts.get(name) ?? 0) + step.purged);
      after = step.next;
      if (after !== undefined) await rest();
    }
  };

  const round = async (pace: Pace): Promise<void> => {
    for (const [name, purge] of Object.entries(purges)) await purgeAll(name, purge, pace).catch(onError);
  };

  const slowly: Pace = { isOver: () => isStopped, rest: () => pause(STEP_PAUSE_MS) };
  /** Others get their turn between two steps. */
  const atOnce: Pace = { isOver: () => false, rest: () => turn() };

  const run = async (): Promise<void> => {
    // Processes that start together do not purge together.
    await pause(random() * ROUND_PAUSE_MS);
    while (!isStopped) {
      await round(slowly);
      await pause((0.5 + random()) * ROUND_PAUSE_MS);
    }
  };

  return {
    start: (): void => {
      if (!isStopped) return;
      isStopped = false;
      running = run();
    },
    /** Settles when the step that runs is over. */
    stop: async (): Promise<void> => {
      isStopped = true;
      cancel();
      await running;
    },
    /** A whole round, step by step without a pause, for a process that cannot wait. */
    once: (): Promise<void> => round(atOnce),
    /** How many rows were removed since the start, by name. */
    counts: (): ReadonlyMap<string, number> => counts,
  };
};
