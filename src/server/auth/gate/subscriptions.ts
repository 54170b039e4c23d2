import { type Clock, SECOND } from '../clock.ts';
import { createInterrupt, type Interrupt } from '../interrupt.ts';
import { refuse, refuseUnavailable } from '../refusal.ts';
import type { AuthRequest } from '../request.ts';
import { createCoreSlot } from '../slot.ts';
import { isStoreUnavailable } from '../store/store-errors.ts';
import type { Principal } from '../tokens/access-tokens.ts';
import type { Gate } from './gate.ts';
import type { Revocations } from './revocations.ts';
import { createStreamSlots } from './stream-limits.ts';

/** How often an open subscription's session is looked at, for the times when the revocation feed is not live. */
const CHECK_INTERVAL_MS = 5 * SECOND;

export interface SubscriptionsOptions {
  clock: Clock;
  gate: Gate;
  revocations: Revocations;
}

/** A stream that is being listened to. */
export interface Watch {
  /** Raised when the stream is over. */
  interrupt: Interrupt;
  /** Nobody listens any more. */
  close: () => void;
}

export type Subscriptions = ReturnType<typeof createSubscriptions>;

export const subscriptionsSlot = createCoreSlot<Subscriptions>('subscriptions');

/** The streams of this process. Nobody looks at the session of a long stream again, unless it is done here. */
export const createSubscriptions = ({ clock, gate, revocations }: SubscriptionsOptions) => {
  const slots = createStreamSlots();
  const open = new Set<Interrupt>();

  /** Looks at a session with every notice that concerns it, and now and then, for as long as somebody listens. */
  const watch = (principal: Principal, signal: AbortSignal | undefined, check: () => Promise<void>): Watch => {
    const interrupt = createInterrupt();
    const look = (): void => {
      check().catch((error: unknown) => interrupt.raise(isStoreUnavailable(error) ? refuseUnavailable(error) : error));
    };

    let cancelCheck = (): void => {};
    const checkAgain = (): void => {
      look();
      cancelCheck = clock.after(CHECK_INTERVAL_MS, checkAgain);
    };
    const stopListening = revocations.onNotice((what) => {
      const concerns = what.kind === 'user' ? what.userId === principal.id : what.sid === principal.sid;
      if (concerns) look();
    });
    const close = (): void => {
      signal?.removeEventListener('abort', close);
      cancelCheck();
      stopListening();
    };

    signal?.addEventListener('abort', close);
    checkAgain();
    if (signal?.aborted) close();
    return { interrupt, close };
  };

  return {
    /**
     * Makes sure of room for one more, before its resolver runs. Returns a function that releases it, and so does the
     * end of its request, and that of the access token at the latest: of a stream that nobody ever reads, no generator
     * comes to its end.
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
     * Watches over the events of a subscription, until the access token ends or the session is revoked. They then fail:
     * at the token's end with a reason upon which the client refreshes and resumes, after a revocation with one that
     * ends its session. A plain end would complete the subscription for good.
     * @param release gives up the place of the subscription.
     */
    watchSubscription: (principal: Principal, signal: AbortSignal | undefined, release: () => void): Watch => {
      const { interrupt, close } = watch(principal, signal, async () => {
        if (clock.now() >= principal.expiresAt) throw refuse('access_token_expired');
        await gate.checkStatus(principal);
      });
      const cancelEnd = clock.after(principal.expiresAt - clock.now(), () =>
        interrupt.raise(refuse('access_token_expired')),
      );
      const closeAll = (): void => {
        signal?.removeEventListener('abort', closeAll);
        open.delete(interrupt);
        cancelEnd();
        close();
        release();
      };
      open.add(interrupt);
      signal?.addEventListener('abort', closeAll);
      if (signal?.aborted) closeAll();
      return { interrupt, close: closeAll };
    },

    /**
     * Watches over the parts of an answer that is sent as they come, until the session is revoked. They may outlive the
     * access token, since nobody can go on with them by another one.
     */
    watchAnswer: (principal: Principal, { streamed }: AuthRequest, signal: AbortSignal | undefined): Watch => {
      const opened = watch(principal, signal, () => gate.checkStatus(principal));
      opened.interrupt.onRaise(() => streamed?.abandon());
      return opened;
    },

    /** Ends them all, because the process does. Clients come back, and find another one. */
    endAll: (): void => {
      for (const interrupt of open) interrupt.raise(refuse('unavailable'));
    },

    /** How many are open. */
    count: (): number => open.size,
  };
};
