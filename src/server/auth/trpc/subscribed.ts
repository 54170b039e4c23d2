import type { Auth } from '../auth.ts';
import { subscriptionsSlot } from '../gate/subscriptions.ts';
import type { AuthRequest } from '../request.ts';
import type { Principal } from '../tokens/access-tokens.ts';
import type { Result } from './call-result.ts';
import { contain } from './contain.ts';
import { guardLater } from './guard-later.ts';

interface Subscriber {
  auth: Auth;
  request: AuthRequest;
  user: Principal;
  signal: AbortSignal | undefined;
}

/**
 * A subscription has a place among those of its session and user for as long as it lasts, and ends with the session.
 */
export const subscribed = async <TResult extends Result>(
  { auth, request, user, signal }: Subscriber,
  run: () => Promise<TResult>,
): Promise<TResult> => {
  const subscriptions = subscriptionsSlot.of(auth);
  const release = subscriptions.reserve(user, signal);
  try {
    const open = () => subscriptions.watchSubscription(user, signal, release);
    const result = await run();
    const guarded = guardLater(result, request, 'subscription', { open, contain });
    if (guarded === result) release();
    return guarded;
  } catch (error) {
    release();
    throw error;
  }
};
