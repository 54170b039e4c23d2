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
}

/**
 * Starts and stops something once, however often it is asked, also by several at once. A start that failed is tried
 * again at the next request; after a stop only an explicit `start` begins again.
 */
export const createStarting = (options: StartingOptions) => {
  let starting: Promise<void> | undefined;
  let isStarted = false;
  let stopping: Promise<void> | undefined;

  const run = async (): Promise<void> => {
    await stopping;
    stopping = undefined;
    await options.start();
    isStarted = true;
  };
  const start = (): Promise<void> => {
    starting ??= run().catch((error: unknown) => {
      starting = undefined;
      throw error;
    });
    return starting;
  };
  const end = async (): Promise<void> => {
    // One that fails has nothing left to say: it is over either way.
    await starting?.catch(() => {});
    starting = undefined;
    await options.stop();
  };

  return {
    start,
    stop: (): Promise<void> => {
      isStarted = false;
      stopping ??= end();
      return stopping;
    },
    pending: (): Promise<void> | undefined => {
      if (isStarted) return undefined;
      return stopping === undefined ? start() : Promise.reject(new Error('This auth was stopped.'));
    },
  };
};
