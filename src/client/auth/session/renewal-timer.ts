import type { AuthEnvironment } from '../environment.ts';

export interface RenewalTimer {
  /** Waits for the moment, in place of the one before. Null waits for none. */
  set: (renewAt: number | null) => void;
  /** Whether the moment has come: by the timer, or by the clock after a sleep in which no timer ran. */
  isDue: () => boolean;
}

/**
 * Renews the token ahead of its end, so that calls rarely meet an expired one. A hidden page waits until it is seen.
 */
export const createRenewalTimer = (
  { now, setTimer, isVisible }: Pick<AuthEnvironment, 'now' | 'setTimer' | 'isVisible'>,
  onDue: () => void,
): RenewalTimer => {
  let due = Number.POSITIVE_INFINITY;
  let stop: (() => void) | undefined;

  return {
    set(renewAt) {
      stop?.();
      due = renewAt ?? Number.POSITIVE_INFINITY;
      if (renewAt === null) return;
      const ring = (): void => {
        due = Number.NEGATIVE_INFINITY;
        if (isVisible()) onDue();
      };
      stop = setTimer(ring, renewAt - now());
    },
    isDue: () => now() >= due,
  };
};
