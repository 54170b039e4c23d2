import type { AuthEnvironment } from '../environment.ts';
import { OfflineError } from '../errors.ts';
import { isRecord } from '../internal/record.ts';
import type { ProcedureCaller } from '../wire/procedure-caller.ts';
import { backoff } from './backoff.ts';
import type { Hints } from './hints.ts';
import type { LocalSession } from './local-session.ts';
import { createSingleFlight } from './single-flight.ts';

export interface Logout {
  /** Signs this browser out at once, and tells the server. Resolves after the first attempt, whatever became of it. */
  signOut: () => Promise<void>;
  /**
   * If another tab signed this browser out, this page is signed out too. That tab tells the server as well, so we wait
   * a little before we do. Returns whether it did.
   */
  followSignOut: () => boolean;
  /** Goes on with a sign-out of a page before this one. */
  resume: () => void;
  /** Aborted as soon as somebody signs out here. */
  signal: () => AbortSignal;
  /** Tries at once, unless an attempt is under way or the server asked to wait. */
  wake: () => void;
  /** A sign-in is under way: an answer to the logout that came after it would take its cookies away. */
  pause: () => void;
  cancel: () => void;
}

/**
 * Signing out, and what the server has yet to hear of it. This browser is signed out already, by the hint, which
 * outlives the page: the next one goes on from there, until the server has heard or somebody has signed in since.
 */
export const createLogout = (
  environment: Pick<AuthEnvironment, 'random' | 'setTimer'>,
  callProcedure: ProcedureCaller,
  hints: Hints,
  local: LocalSession,
): Logout => {
  let pending: { accessToken: string | undefined; marked: boolean } | null = null;
  let untilSignOut = new AbortController();

  const tellServer = async (signal: AbortSignal): Promise<Error | null> => {
    const hint = hints.judge();
    // A refresh of the session that we left, sent before and answered after, has put its hint back.
    if (pending && hint === 'seen') hints.markOut();
    // The mark is gone: another tab got through to the server, or someone has signed in since.
    if (!pending || hint === 'new' || (hint === 'none' && pending.marked)) {
      pending = null;
      return null;
    }
    const { accessToken } = pending;
    const { data, error } = await callProcedure({
      path: 'auth.logout',
      accessToken,
      signals: [signal],
      keepalive: true,
    });
    if (error) return error;
    // Something else than the API has answered.
    if (!isRecord(data)) return new OfflineError();
    if (!signal.aborted) {
      pending = null;
      if (['out', 'seen'].includes(hints.judge())) hints.discard(hints.read());
    }
    return null;
  };

  const flight = createSingleFlight(environment, tellServer);

  const cancel = (): void => {
    flight.cancel();
    pending = null;
  };

  const begin = (accessToken?: string): void => {
    flight.cancel();
    pending = { accessToken, marked: hints.judge() === 'out' };
  };

  const leave = (): void => {
    const accessToken = local.token()?.grant.accessToken;
    local.leave({ reason: 'signed_out' });
    begin(accessToken);
  };

  // Somebody has signed in.
  local.beforeChange(() => {
    if (local.token() !== null) cancel();
  });

  return {
    async signOut() {
      untilSignOut.abort();
      untilSignOut = new AbortController();
      hints.markOut();
      leave();
      await flight.run();
    },
    followSignOut() {
      if (hints.judge() !== 'out') return false;
      leave();
      flight.runLater(backoff(1, environment.random));
      return true;
    },
    resume() {
      begin();
      void flight.run();
    },
    signal: () => untilSignOut.signal,
    wake() {
      if (pending) flight.wake();
    },
    pause: flight.pause,
    cancel,
  };
};
