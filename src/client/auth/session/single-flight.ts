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
  onSettled: (failing: boolean) => void,
): SingleFlight => {
  let flight: { controller: AbortController; outcome: Promise<Error | null> } | null = null;
  let failure: Error | null = null;
  let failures = 0;
  let stopRest: (() => void) | null = null;
  let stopRetry: (() => void) | null = null;

  const clear = (): void => {
    stopRest?.();
    stopRetry?.();
    stopRest = stopRetry = null;
  };
  const runLater = (milliseconds: number): void => {
    stopRetry?.();
    stopRetry = environment.setTimer(() => void start(), milliseconds);
  };
  /** What the server wants us to wait. */
  const retryAfterMs = (): number => retryAfterMsOf(chainDataOf(failure));

  const start = (): Promise<Error | null> => {
    clear();
    const controller = new AbortController();
    const { signal } = controller;
    const outcome = new Promise<Error | null>((resolve) => {
      listen([signal], ['abort'], () => resolve(null));
      const settle = (error: Error | null): void => {
        if (signal.aborted) return;
        flight = null;
        failure = error;
        failures = error === null ? 0 : failures + 1;
        if (error !== null) {
          stopRest = environment.setTimer(
            () => {
              stopRest = null;
            },
            Math.max(REST_MS, retryAfterMs()),
          );
          runLater(backoff(failures, environment.random, retryAfterMs()));
        }
        onSettled(error !== null);
        resolve(error);
      };
      // An attempt that throws is a defect, and still must not leave its waiters waiting.
      attempt(signal).then(settle, settle);
    });
    flight = { controller, outcome };
    return outcome;
  };

  const pause = (): void => {
    clear();
    flight?.controller.abort();
    flight = null;
  };

  return {
    run() {
      if (flight !== null) return flight.outcome;
      if (stopRest !== null) return Promise.resolve(failure);
      return start();
    },
    runLater,
    wake() {
      if (flight !== null) return;
      if (retryAfterMs() === 0) void start();
      else if (stopRetry === null) runLater(retryAfterMs());
    },
    pause,
    cancel() {
      pause();
      failure = null;
      failures = 0;
    },
  };
};
