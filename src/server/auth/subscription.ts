import type { Principal } from './access-token.ts';
import { type Clock, SECOND } from './clock.ts';

import type { Gate } from './gate.ts';
import { refuse } from './refusal.ts';
import type { Revocations } from './revocations.ts';
import { isStoreUnavailable } from './store-errors.ts';

/** How often an open subscription's session is looked at, for the times when the revocation feed is not live. */
const CHECK_INTERVAL = 5 * SECOND;

interface Watch {
  clock: Clock;
  gate: Gate;
  revocations: Revocations;
}

export const isAsyncIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value;

/** Rejects when the principal's access token ends or its session is revoked, whichever is first. */
const watchSession = ({ clock, gate, revocations }: Watch, principal: Principal) => {
  let end = (_error: unknown): void => {};
  const over = new Promise<never>((_resolve, reject) => {
    end = reject;
  });
  over.catch(() => {}); // It may come when nobody waits for it any more.

  const check = async (): Promise<void> => {
    if (clock.now() >= principal.expiresAt) throw refuse('access_token_expired');
    await gate.checkStanding(principal);
  };
  const look = (): void => {
    check().catch((error: unknown) => end(isStoreUnavailable(error) ? refuse('unavailable') : error));
  };

  const stopListening = revocations.onNotice((what) => {
    const concerns = what.kind === 'session' ? what.sid === principal.sid : what.userId === principal.id;
    if (concerns) look();
  });
  let cancelCheck = (): void => {};
  const checkAgain = (): void => {
    look();
    cancelCheck = clock.after(CHECK_INTERVAL, checkAgain);
  };
  checkAgain();
  const cancelEnd = clock.after(principal.expiresAt - clock.now(), look);

  return {
    over,
    stop: () => {
      cancelCheck();
      cancelEnd();
      stopListening();
    },
  };
};

/**
 * The same events, until the access token ends or the session is revoked: nobody looks at the token of a long stream again. It then fails
 * with a gate reason, upon which the client refreshes and resumes; a plain end would complete it for good.
 */
export async function* endWithSession<TEvent>(
  events: AsyncIterable<TEvent>,
  watch: Watch,
  principal: Principal,
): AsyncGenerator<TEvent, void, undefined> {
  const iterator = events[Symbol.asyncIterator]();
  const { over, stop } = watchSession(watch, principal);
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), over]);
      if (next.done) return;
      yield next.value;
    }
  } finally {
    stop();
    // Not awaited: a generator that waits for its next event returns only after that, or when its request's signal aborts.
    void iterator.return?.();
  }
}
