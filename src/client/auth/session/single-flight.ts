import type { AuthEnvironment } from '../environment.ts';
import { chainDataOf } from '../errors.ts';
import { listen } from '../internal/listen.ts';
import { backoff, retryAfterMsOf } from './backoff.ts';

export interface SingleFlight {
  /**
   * Joins the attempt under way, or makes one. Null means that there is something new to look at: a token, or no
   * session.
   */
  run: () => Promise<Error | null>;
  /** Makes an attempt after so many milliseconds, unless there is one before. */
  runLater: (milliseconds: number) => void;
  /** Tries at once, unless an attempt is under way or the server asked to wait. */
  wake: () => void;
  /** Drops the attempt under way and those to come. Those that wait are told to look again. */
  pause: () => void;
  /** The same, and forgets what the attempts came to. */
  cancel: () => void;
}

/**
 * So long after a failed attempt a call does not make another one: a page of calls would hammer a server in trouble.
 */
const REST_MS = 1_000;

/**
 * Single flight with patience: one attempt at a time, shared by everyone who asks, and after a failure others by
 * themselves, further and further apart, until one succeeds or the session is gone.
 */
export const createSingleFlight = (
  environment: Pick<AuthEnvironment, 'setTimer' | 'random'>,
  attempt: (signal: AbortSignal) => Promise<Error | null>,
  onSettled?: (failing: boolean) => void,
): SingleFlight => {
  let flight: Promise<Error | null> | null = null;
  let controller = new AbortController();
  let failure: Error | null = null;
  let failures = 0;
  let stopRest: (() => void) | undefined;
  let stopRetry: (() => void) | undefined;

  const clear = (): void => {
    stopRest?.();
    stopRetry?.();
    stopRest = stopRetry = undefined;
  };
  const runLater = (milliseconds: number): void => {
    stopRetry?.();
    stopRetry = environment.setTimer(() => void start(), milliseconds);
  };
  /** What the server wants us to wait. */
  const retryAfterMs = (): number => retryAfterMsOf(chainDataOf(failure));

  const start = (): Promise<Error | null> => {
    clear();
    controller = new AbortController();
    const { signal } = controller;
    flight = new Promise<Error | null>((resolve) => {
      listen([signal], ['abort'], () => resolve(null));
      const settle = (error: Error | null): void => {
        if (signal.aborted) return;
        flight = null;
        failure = error;
        if (error) {
          failures += 1;
          stopRest = environment.setTimer(
            () => {
              stopRest = undefined;
            },
            Math.max(REST_MS, retryAfterMs()),
          );
          runLater(backoff(failures, environment.random, retryAfterMs()));
        } else failures = 0;
        onSettled?.(error !== null);
        resolve(error);
      };
      // Not before it is known that there is one: what it does may call it off. One that throws is a defect, and still
      // must not leave its waiters waiting.
      Promise.resolve(signal).then(attempt).then(settle, settle);
    });
    return flight;
  };

  const pause = (): void => {
    clear();
    controller.abort();
    flight = null;
  };

  return {
    run() {
      if (flight) return flight;
      return stopRest ? Promise.resolve(failure) : start();
    },
    runLater,
    wake() {
      if (flight) return;
      if (retryAfterMs() === 0) void start();
      else if (!stopRetry) runLater(retryAfterMs());
    },
    pause,
    cancel() {
      pause();
      failure = null;
      failures = 0;
    },
  };
};
