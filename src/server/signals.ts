/**
 * What comes within this time after the first signal is the same delivery, in milliseconds. Ctrl-C and systemd signal a
 * whole group of processes, and npm, which is one of them, passes its own on to us.
 */
const DELIVERY_MS = 2_000;

/**
 * What a signal that ends processes asks for: to stop, nothing more than another one did, or not to wait any longer.
 */
export type SignalMeaning = 'stop' | 'repeated' | 'hurry';

/** @param monotonicNow in milliseconds */
export const createSignalReader = (monotonicNow: () => number): (() => SignalMeaning) => {
  let first: number | undefined;
  return () => {
    const now = monotonicNow();
    if (first === undefined) {
      first = now;
      return 'stop';
    }
    return now - first < DELIVERY_MS ? 'repeated' : 'hurry';
  };
};
