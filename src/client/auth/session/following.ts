import type { AuthEnvironment } from '../environment.ts';
import { together } from '../internal/listen.ts';
import type { Exchanges } from './exchanges.ts';
import type { Hints } from './hints.ts';
import type { LocalSession } from './local-session.ts';
import type { Logout } from './logout.ts';
import { followOtherTabs } from './other-tabs.ts';
import type { Renewal } from './renewal.ts';

export interface Following {
  /** Follows another tab that has signed in or out. */
  sync: () => void;
  /** Begins to listen. Returns an unsubscribe function. */
  start: () => () => void;
}

/** What happens outside of this page, and what it makes the page do: other tabs, the network, and being seen again. */
export const createFollowing = (
  environment: AuthEnvironment,
  hints: Hints,
  local: LocalSession,
  logout: Logout,
  exchanges: Exchanges,
  renewal: Renewal,
): Following => {
  const sync = (): void => {
    if (!exchanges.isIdle()) return;
    if (!local.is('anonymous') && logout.followSignOut()) return;
    const hint = hints.judge();
    // A hint that is gone proves nothing: the server is asked.
    if ((hint !== 'new' && hint !== 'gone') || renewal.isAskedWith(hints.read())) return;
    if (local.is('anonymous')) {
      logout.cancel();
      local.expect();
    }
    void renewal.run();
  };

  const onNotified = (): void => {
    sync();
    // What one of them could, we can: the server is back.
    renewal.wake();
  };

  const wake = (): void => {
    onNotified();
    renewal.runIfDue();
  };

  const onConnection = (): void => {
    const disconnected = !environment.isOnline();
    local.mark({ disconnected });
    if (disconnected) return;
    wake();
    logout.wake();
  };

  // The answer to an exchange may have been lost and its cookies not.
  exchanges.onChange(sync);

  return {
    sync,
    start: () =>
      together(
        followOtherTabs(environment, sync, onNotified),
        environment.onWake(wake),
        environment.onConnection(onConnection),
      ),
  };
};
