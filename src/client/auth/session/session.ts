import type { AuthEnvironment } from '../environment.ts';
import type { ProcedureCaller } from '../wire/procedure-caller.ts';
import { createExchanges, type Exchanges } from './exchanges.ts';
import { createFollowing, type Following } from './following.ts';
import { createHints } from './hints.ts';
import { createLocalSession, type LocalSession } from './local-session.ts';
import { createLogout, type Logout } from './logout.ts';
import { createRenewal, type Renewal } from './renewal.ts';
import type { AuthState } from './state.ts';
import { createTabLock } from './tab-lock.ts';

export interface Session
  extends Pick<LocalSession, 'state' | 'is' | 'identity' | 'token' | 'epoch'>,
    Pick<Renewal, 'tokenAfter' | 'end'>,
    Pick<Logout, 'signOut'>,
    Pick<Following, 'sync'> {
  /** Restores the session of the browser, if it has one. Once, however often it is called. */
  start: () => void;
  stop: () => void;
  /** The first state that is known, or that nobody can tell. Never rejects, and never waits for ever. */
  settled: () => Promise<AuthState>;
  exchange: Exchanges['run'];
  /** Whether this browser was signed out and nobody has signed in since, also if the server has not heard of it yet. */
  isSignedOut: () => boolean;
}

/**
 * The session engine: every way in which what this page holds of a session changes. Seven machines, each of which knows
 * only those before it.
 */
export const createSession = (environment: AuthEnvironment, callProcedure: ProcedureCaller): Session => {
  const hints = createHints(environment.hint);
  const local = createLocalSession(environment, hints);
  const tabLock = createTabLock(environment);
  const logout = createLogout(environment, callProcedure, hints, local);
  const exchanges = createExchanges(environment, callProcedure, local, tabLock, logout);
  const renewal = createRenewal(environment, callProcedure, hints, local, tabLock, logout, exchanges);
  const following = createFollowing(environment, hints, local, logout, exchanges, renewal);
  let stopFollowing: (() => void) | null = null;

  const isSignedOut = (): boolean => hints.judge() === 'out';

  const start = (): void => {
    if (!environment.hint || stopFollowing) return;
    stopFollowing = following.start();
    if (isSignedOut()) logout.resume();
    else if (local.is('restoring')) void renewal.run();
  };

  return {
    ...local,
    ...renewal,
    start,
    stop() {
      stopFollowing?.();
      renewal.stop();
      logout.cancel();
    },
    async settled() {
      start();
      // While nobody can tell, as at a start offline, that is what is known.
      if (local.is('restoring') && !local.state.isFailing()) await renewal.tokenAfter(null).catch(() => undefined);
      return local.state.get();
    },
    exchange(...call) {
      start();
      return exchanges.run(...call);
    },
    signOut() {
      start();
      return logout.signOut();
    },
    isSignedOut,
    sync: following.sync,
  };
};
