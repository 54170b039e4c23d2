import type { SessionGrant } from '../../../shared/auth/index.ts';
import { IdentityChangedError, OfflineError } from '../errors.ts';
import type { Signals } from '../internal/listen.ts';
import { isGrant } from '../wire/answer.ts';
import type { ProcedureCaller } from '../wire/procedure-caller.ts';

/** Hashing a password takes its time on a busy server. */
const TIMEOUT_MS = 30_000;

export interface Exchanges {
  /**
   * Calls a mutation of the router `auth`. Rejects with its refusal, or with an `OfflineError` if there was no answer.
   * @param accessToken asked when it is its turn to be sent.
   */
  run: (
    path: string,
    input: unknown,
    signal: AbortSignal | null | undefined,
    accessToken: () => string | undefined,
  ) => Promise<unknown>;
  isIdle: () => boolean;
  /** Resolves when none is under way. Never rejects. */
  idle: () => Promise<void>;
  /** Drops those under way: whoever is behind them has signed out meanwhile. */
  abort: () => void;
}

/**
 * Sign-ins, and whatever else trades something for a session. One after the other, each alone on the wire: cookies of two
 * answers that cross would overwrite each other.
 */
export const createExchanges = ({
  callProcedure,
  now,
  onStart,
  onGrant,
  onIdle,
}: {
  callProcedure: ProcedureCaller;
  now: () => number;
  onStart: () => void;
  onGrant: (grant: SessionGrant, sentAt: number) => void;
  onIdle: () => void;
}): Exchanges => {
  let underWay = 0;
  let last: Promise<void> = Promise.resolve();
  let allowed = new AbortController();

  const exchange = async (
    path: string,
    input: unknown,
    signals: Signals,
    accessToken: () => string | undefined,
  ): Promise<unknown> => {
    const sentAt = now();
    const answer = await callProcedure({ path, input, accessToken: accessToken(), signals, timeout: TIMEOUT_MS });
    if (signals[0]?.aborted) throw new IdentityChangedError();
    if (answer.kind === 'refusal') throw answer.error;
    if (answer.kind === 'nothing') throw new OfflineError(answer.cause);
    if (isGrant(answer.data)) onGrant(answer.data, sentAt);
    return answer.data;
  };

  return {
    run(path, input, signal, accessToken) {
      onStart();
      underWay += 1;
      const signals = [allowed.signal, signal];
      const turn = last.then(() => exchange(path, input, signals, accessToken));
      const end = (): void => {
        underWay -= 1;
        if (underWay === 0) onIdle();
      };
      last = turn.then(end, end);
      return turn;
    },
    isIdle: () => underWay === 0,
    idle: () => last,
    abort() {
      allowed.abort();
      allowed = new AbortController();
    },
  };
};
