/** Work that no answer waits for, so that nobody learns by its time what it found. */
export interface Later {
  /** One after the other, in the order given. What is too much is not done. */
  run(work: () => Promise<void>): void;
  /** Settles when nothing is left to do; undefined if that is so already. */
  pending(): Promise<void> | undefined;
}

/** Each is asked for by somebody whose address is limited: more wait only under attack. */
const MAX_WAITING = 1000;

export const createLater = (onError: (error: unknown) => void): Later => {
  let waiting = 0;
  let last: Promise<void> = Promise.resolve();
  return {
    run: (work) => {
      if (waiting >= MAX_WAITING) return;
      waiting += 1;
      last = last
        .then(work)
        .catch(onError)
        .then(() => {
          waiting -= 1;
        });
    },
    pending: () => (waiting === 0 ? undefined : last),
  };
};
