import { setImmediate as turn } from 'node:timers/promises';

/** Work that no answer waits for, so that nobody learns by its time what it found. */
export interface Later {
  /**
   * One after the other, in the order given, and none before the answer that is under way has been written. False: too
   * much waits, and this is not done.
   */
  run(work: () => Promise<void>): boolean;
  /** Settles when nothing is left to do; undefined if that is so already. */
  pending(): Promise<void> | undefined;
}

/** Each is asked for by somebody whose address is limited: more wait only under attack. */
export const MAX_WAITING = 1000;

export const createLater = (onError: (error: unknown) => void): Later => {
  let waiting = 0;
  let last: Promise<void> = Promise.resolve();
  return {
    run: (work) => {
      if (waiting >= MAX_WAITING) return false;
      waiting += 1;
      last = last
        // What a SQLite store does takes no turn of the event loop: it would be done before the answer.
        .then(() => turn())
        .then(work)
        .catch(onError)
        .then(() => {
          waiting -= 1;
        });
      return true;
    },
    pending: () => (waiting === 0 ? undefined : last),
  };
};
