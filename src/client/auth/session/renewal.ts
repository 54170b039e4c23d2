import type { AuthEnvironment } from '../environment.ts';
import { OfflineError } from '../errors.ts';
import { backoff } from './backoff.ts';

/** Why no token can be had for now. */
export interface RenewalFailure {
  /** What calls that wait for the token fail with. */
  error: Error;
  /** Whether the server itself answered, so that calls which need no token may get through. */
  answered: boolean;
  /** Milliseconds before which the server wants no other try. */
  retryAfter: number;
}

export interface Renewal {
  /** Joins the attempt under way, or makes one. Null means that there is something new to look at: a token, or no session. */
  run: () => Promise<RenewalFailure | null>;
  /** Tries at once what would be tried later. */
  wake: () => void;
  /** Drops the attempt under way and those to come. Whoever waits is told to look again. */
  cancel: () => void;
}

/** No answer, or none that can be understood. */
export const unreachable = (cause?: unknown): RenewalFailure => ({
  error: new OfflineError(cause),
  answered: false,
  retryAfter: 0,
});

/** So long after a failed attempt a call does not make another one: a page of calls would hammer a server in trouble. */
const REST_MS = 1_000;

interface Flight {
  controller: AbortController;
  outcome: Promise<RenewalFailure | null>;
  land: (outcome: RenewalFailure | null) => void;
}

const takeOff = (): Flight => {
  let land: Flight['land'] = () => undefined;
  const outcome = new Promise<RenewalFailure | null>((resolve) => {
    land = resolve;
  });
  return { controller: new AbortController(), outcome, land };
};

/**
 * Single flight with patience: one attempt at a time, shared by everyone who asks, and after a failure others by themselves,
 * further and further apart, until one succeeds or the session is gone.
 */
export const createRenewal = (
  environment: Pick<AuthEnvironment, 'setTimer' | 'random'>,
  attempt: (signal: AbortSignal) => Promise<RenewalFailure | null>,
  onSettled: (failing: boolean) => void,
): Renewal => {
  let flight: Flight | null = null;
  let failure: RenewalFailure | null = null;
  let failures = 0;
  let stopRest: (() => void) | null = null;
  let stopRetry = (): void => undefined;

  const clear = (): void => {
    stopRest?.();
    stopRest = null;
    stopRetry();
  };

  const start = (): Flight => {
    clear();
    const mine = takeOff();
    flight = mine;
    // An attempt that throws is a defect, and still must not leave its waiters waiting.
    const safely = attempt(mine.controller.signal).catch(unreachable);
    void safely.then((outcome) => {
      if (flight !== mine) return;
      flight = null;
      failure = outcome;
      failures = outcome === null ? 0 : failures + 1;
      if (outcome !== null) {
        const { retryAfter } = outcome;
        stopRest = environment.setTimer(
          () => {
            stopRest = null;
          },
          Math.max(REST_MS, retryAfter),
        );
        stopRetry = environment.setTimer(start, backoff(failures, environment.random, retryAfter));
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
      if (flight === null && failure !== null && failure.retryAfter === 0) start();
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
