import { createCoreSlot } from './slot.ts';

/** The start of an `Auth`, as the first request finds it. */
export interface Starting {
  /** Starts it if nobody has. Undefined once it has started, or a promise that rejects when it cannot. */
  pending(): Promise<void> | undefined;
}

export const startingSlot = createCoreSlot<Starting>('starting');

export interface StartingOptions {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** What is asked for behind a stop is refused by it. */
  refusal(): Error;
}

/**
 * Starts and stops something once, however often it is asked, also by several at once. A start that failed is tried
 * again at the next request; after a stop only an explicit `start` begins again. What is asked for while the other is
 * under way comes after it.
 */
export const createStarting = (options: StartingOptions) => {
  let starting: Promise<void> | undefined;
  let isStarted = false;
  let stopping: Promise<void> | undefined;

  const begin = async (stopped: Promise<void> | undefined): Promise<void> => {
    // One that fails has said so to who asked for it, and it is over either way.
    await stopped?.catch(() => {});
    await options.start();
  };
  const end = async (started: Promise<void> | undefined): Promise<void> => {
    await started?.catch(() => {});
    await options.stop();
  };

  const start = (): Promise<void> => {
    if (starting !== undefined) return starting;
    const begun = begin(stopping).then(
      () => {
        if (starting === begun) isStarted = true;
      },
      (error: unknown) => {
        if (starting === begun) starting = undefined;
        throw error;
      },
    );
    starting = begun;
    stopping = undefined;
    return begun;
  };

  return {
    start,
    stop: (): Promise<void> => {
      if (stopping !== undefined) return stopping;
      stopping = end(starting);
      starting = undefined;
      isStarted = false;
      return stopping;
    },
    pending: (): Promise<void> | undefined => {
      if (isStarted) return undefined;
      return stopping === undefined ? start() : Promise.reject(options.refusal());
    },
  };
};
