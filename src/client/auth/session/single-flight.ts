import type { AuthEnvironment } from '../environment.ts';
import { chainDataOf } from '../errors.ts';
import { backoff, retryAfterMsOf } from './backoff.ts';

export interface SingleFlight {
  /**
   * Joins the attempt under way, or makes one. Null means that there is something new to look at: a token, or no
   * session.
   */
  run: () => Promise<Error | null>;
  /** Tries at once what would be tried later. */
  wake: () => void;
  /** Drops the attempt under way and those to come. Those that wait are told to look again. */
  cancel: () => void;
}

/**
 * So long after a failed attempt a call does not make another one: a page of calls would hammer a server in trouble.
 */
const REST_MS = 1_000;

interface Flight {
  controller: AbortController;
  outcome: Promise<Error | null>;
  land: (outcome: Error | null) => void;
}

const takeOff = (): Flight => {
  let land: Flight['land'] = () => undefined;
  const outcome = new Promise<Error | null>((resolve) => {
    land = resolve;
  });
  return { controller: new AbortController(), outcome, land };
};

/**
 * Single flight with patience: one attempt at a time, shared by everyone who asks, and after a failure others by
 * themselves, further and further apart, until one succeeds or the session is gone.
 */
export const createSingleFlight = (
  environment: Pick<AuthEnvironment, 'setTimer' | 'random'>,
  attempt: (signal: AbortSignal) => Promise<Error | null>,
  onSettled: (failing: boolean) => void,
): SingleFlight => {
  let flight: Flight | null = null;
  let failure: Error | null = null;
  let failures = 0;
  let stopRest: (() => void) | null = null;
  let cancelRetry = (): void => undefined;

  const clear = (): void => {
    stopRest?.();
    stopRest = null;
    cancelRetry();
  };

  const start = (): Flight => {
    clear();
    const mine = takeOff();
    flight = mine;
    // An attempt that throws is a defect, and still must not leave its waiters waiting.
    const safely = attempt(mine.controller.signal).catch((defect: Error) => defect);
    void safely.then((outcome) => {
      if (flight !== mine) return;
      flight = null;
      failure = outcome;
      failures = outcome === null ? 0 : failures + 1;
      if (outcome !== null) {
        const retryAfterMs = retryAfterMsOf(chainDataOf(outcome));
        stopRest = environment.setTimer(
          () => {
            stopRest = null;
          },
          Math.max(REST_MS, retryAfterMs),
        );
        cancelRetry = environment.setTimer(start, backoff(failures, environment.random, retryAfterMs));
      }
      onSettled(outcome !== null);
      mine.land(outcome);
    });
    return mine;
  };

  return {
    run() {
      if (flight !== null) return flight.outcome;
      if (stopRest !== null) return Promise.resolve(failure);
      return start().outcome;
    },
    wake() {
      if (flight === null && failure !== null && retryAfterMsOf(chainDataOf(failure)) === 0) start();
    },
    cancel() {
      clear();
      failure = null;
      failures = 0;
      const dropped = flight;
      flight = null;
      dropped?.controller.abort();
      dropped?.land(null);
    },
  };
};
