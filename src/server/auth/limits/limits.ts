import { type Clock, SECOND } from '../clock.ts';
import { refuse } from '../refusal.ts';
import { createCoreSlot } from '../slot.ts';
import type { Bucket, CountedAttempt, LimitStore } from './limit-store.ts';

/** The limits of the core's rooms and of the features given, counted in one store for all processes. */
export interface Limits {
  /** Counts an attempt. @throws `rate_limited` with how long to wait */
  take(bucket: Bucket): Promise<CountedAttempt>;
  /** Forgets all attempts in these buckets: the person has proved who they are. */
  clear(buckets: readonly Bucket[]): Promise<void>;
  /** Takes back attempts that were none, one after the other. */
  refund(attempts: readonly CountedAttempt[]): Promise<void>;
  /**
   * Takes them back after a failure, where an answer waits for no store that hangs. What cannot be taken back stays
   * counted.
   */
  giveBack(attempts: readonly CountedAttempt[]): Promise<void>;
  /** How many attempts this process has refused since its start, by the limit that they met. */
  refused(): ReadonlyMap<string, number>;
}

export const limitsSlot = createCoreSlot<Limits>('limits');

/** A store that hangs has hung once already: an answer does not wait for it again. */
const MAX_GIVING_BACK_MS = SECOND;

/** Slows down guessing. */
export const createLimits = ({ store, clock }: { store: LimitStore; clock: Clock }): Limits => {
  const refused = new Map<string, number>();

  const refund = async (attempts: readonly CountedAttempt[]): Promise<void> => {
    for (const attempt of attempts) await store.refund(attempt);
  };

  return {
    take: async (bucket) => {
      const at = clock.now();
      const wait = await store.take(bucket, at);
      if (wait <= 0) return { bucket, at };
      refused.set(bucket.limit, (refused.get(bucket.limit) ?? 0) + 1);
      throw refuse('rate_limited', { retryAfter: Math.ceil(wait / SECOND) });
    },
    clear: store.clear,
    refund,
    giveBack: async (attempts) => {
      if (attempts.length === 0) return;
      const settled = Promise.allSettled(attempts.map((attempt) => store.refund(attempt)));
      let cancel = (): void => {};
      const tooLong = new Promise<void>((resolve) => {
        cancel = clock.after(MAX_GIVING_BACK_MS, resolve);
      });
      await Promise.race([settled, tooLong]);
      cancel();
    },
    refused: () => refused,
  };
};

const nothing = async (): Promise<void> => {};

/** For load tests: nothing is counted, and nothing waits. */
export const unlimited: Limits = {
  take: (bucket) => Promise.resolve({ bucket, at: 0 }),
  clear: nothing,
  refund: nothing,
  giveBack: nothing,
  refused: () => new Map(),
};
