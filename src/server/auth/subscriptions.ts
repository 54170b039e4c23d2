import { isObservable, observableToAsyncIterable } from '@trpc/server/observable';
import type { Principal } from './access-token.ts';
import { type Clock, SECOND } from './clock.ts';
import type { Gate } from './gate.ts';
import { refuse, refuseUnavailable } from './refusal.ts';
import type { Revocations } from './revocations.ts';
import { createCoreSlot } from './slot.ts';
import { isStoreUnavailable } from './store-errors.ts';
import { createStreamSlots } from './stream-slots.ts';

/** How often an open subscription's session is looked at, for the times when the revocation feed is not live. */
const CHECK_INTERVAL = 5 * SECOND;

export interface SubscriptionsOptions {
  clock: Clock;
  gate: Gate;
  revocations: Revocations;
}

export interface OpenSubscription {
  principal: Principal;
  /** Of its request. */
  signal: AbortSignal | undefined;
  /** Gives up its place. */
  release: () => void;
}

const isAsyncIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value;

/** The events of a subscription, as a generator gives them or as an observable, which tRPC takes as well. Undefined when it is neither. */
export const eventsIn = (data: unknown, signal: AbortSignal | undefined): AsyncIterable<unknown> | undefined => {
  if (isObservable(data)) return observableToAsyncIterable(data, signal ?? new AbortController().signal);
  return isAsyncIterable(data) ? data : undefined;
};

export type Subscriptions = ReturnType<typeof createSubscriptions>;

export const subscriptionsSlot = createCoreSlot<Subscriptions>('subscriptions');

/** The open subscriptions of this process. Nobody looks at the token of a long stream again, unless it is done here. */
export const createSubscriptions = ({ clock, gate, revocations }: SubscriptionsOptions) => {
  const slots = createStreamSlots();
  const open = new Set<(error: unknown) => void>();

  /** Rejects when the principal's access token ends, its session is revoked or nobody listens any more, whichever is first. */
  const watchSession = (principal: Principal, signal: AbortSignal | undefined) => {
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
      check().catch((error: unknown) => end(isStoreUnavailable(error) ? refuseUnavailable(error) : error));
    };

    let cancelCheck = (): void => {};
    const checkAgain = (): void => {
      look();
      cancelCheck = clock.after(CHECK_INTERVAL, checkAgain);
    };
    const stopListening = revocations.onNotice((what) => {
      const concerns = what.kind === 'session' ? what.sid === principal.sid : what.userId === principal.id;
      if (concerns) look();
    });
    const cancelEnd = clock.after(principal.expiresAt - clock.now(), look);
    const stop = (): void => {
      open.delete(end);
      signal?.removeEventListener('abort', hangUp);
      cancelCheck();
      cancelEnd();
      stopListening();
    };
    const hangUp = (): void => {
      stop();
      end(new Error('The client has gone.'));
    };

    open.add(end);
    signal?.addEventListener('abort', hangUp);
    checkAgain();
    if (signal?.aborted) hangUp();
    return { over, stop };
  };

  return {
    /**
     * Makes sure of room for one more, before its resolver runs. What it returns gives the room up, and so does the end of its request, and
     * that of the access token at the latest: of a stream that nobody ever reads, no generator comes to its end.
     * @throws `too_many_streams`
     */
    reserve: (principal: Principal, signal: AbortSignal | undefined): (() => void) => {
      const giveUp = slots.take(principal);
      const release = (): void => {
        signal?.removeEventListener('abort', release);
        cancelEnd();
        giveUp();
      };
      const cancelEnd = clock.after(principal.expiresAt - clock.now(), release);
      if (signal?.aborted) release();
      else signal?.addEventListener('abort', release);
      return release;
    },

    /**
     * The same events, until the access token ends or the session is revoked. It then fails with a gate reason, upon which the client
     * refreshes and resumes; a plain end would complete it for good.
     */
    endWithSession: async function* <TEvent>(
      events: AsyncIterable<TEvent>,
      { principal, signal, release }: OpenSubscription,
    ): AsyncGenerator<TEvent, void, undefined> {
      const iterator = events[Symbol.asyncIterator]();
      const { over, stop } = watchSession(principal, signal);
      const close = (): void => {
        release();
        stop();
        // Not awaited: a generator that waits for its next event returns only after that, or when its request's signal aborts.
        iterator.return?.().catch(() => {}); // Nobody is left who could be told.
      };
      // At once: a client that does not read may never ask for the event in whose place it would hear of the end.
      over.catch(close);
      try {
        for (;;) {
          const next = await Promise.race([iterator.next(), over]);
          if (next.done) return;
          yield next.value;
        }
      } catch (error) {
        // A client that has gone is no failure, and nobody is there to hear of one.
        if (!signal?.aborted) throw error;
      } finally {
        close();
      }
    },

    /** Ends them all, because the process does. Clients come back, and find another one. */
    endAll: (): void => {
      for (const end of open) end(refuse('unavailable'));
    },

    /** How many are open. */
    count: (): number => open.size,
  };
};
