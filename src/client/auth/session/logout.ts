import type { AuthEnvironment } from '../environment.ts';
import { chainDataOf } from '../errors.ts';
import { isRecord } from '../internal/record.ts';
import type { ProcedureCaller } from '../wire/procedure-caller.ts';
import { backoff, retryAfterMsOf } from './backoff.ts';
import type { Hints } from './hints.ts';
import type { LocalSession } from './local-session.ts';

export interface Logout {
  /** Signs this browser out at once, and tells the server. Resolves after the first attempt, whatever became of it. */
  signOut: () => Promise<void>;
  /** Another tab signed this browser out. It tells the server as well, so we wait a little before we do. */
  followSignOut: () => void;
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
  let controller: AbortController | null = null;
  let failures = 0;
  /** What the server wants us to wait. */
  let retryAfterMs = 0;
  let stopTimer: (() => void) | null = null;
  let untilSignOut = new AbortController();

  const pause = (): void => {
    stopTimer?.();
    stopTimer = null;
    controller?.abort();
    controller = null;
  };

  const cancel = (): void => {
    pause();
    pending = null;
  };

  /** Whether the mark is gone: another tab got through to the server, or someone has signed in since. */
  const isOvertaken = (marked: boolean): boolean => {
    const hint = hints.judge();
    // A refresh of the session that we left, sent before and answered after, has put its hint back.
    if (hint === 'seen') hints.markOut();
    return hint === 'new' || (hint === 'none' && marked);
  };

  const attempt = async (): Promise<void> => {
    pause();
    if (pending === null) return;
    if (isOvertaken(pending.marked)) return cancel();

    const mine = new AbortController();
    controller = mine;
    const reply = await callProcedure({
      path: 'auth.logout',
      accessToken: pending.accessToken,
      signals: [mine.signal],
      keepalive: true,
    });
    if (controller !== mine) return;
    controller = null;

    if ('data' in reply && isRecord(reply.data)) {
      pending = null;
      if (['out', 'seen'].includes(hints.judge())) hints.remove();
      return;
    }
    failures += 1;
    retryAfterMs = 'error' in reply ? retryAfterMsOf(chainDataOf(reply.error)) : 0;
    attemptLater(backoff(failures, environment.random, retryAfterMs));
  };

  const attemptLater = (milliseconds: number): void => {
    stopTimer?.();
    stopTimer = environment.setTimer(() => void attempt(), milliseconds);
  };

  const begin = (accessToken?: string): void => {
    pending = { accessToken, marked: hints.judge() === 'out' };
    failures = 0;
    retryAfterMs = 0;
    pause();
  };

  /** Returns the token of the session that is left. */
  const leave = (): string | undefined => {
    const accessToken = local.token()?.grant.accessToken;
    local.leave({ reason: 'signed_out' });
    return accessToken;
  };

  // Somebody has signed in.
  local.beforeChange(() => {
    if (local.token() !== null) cancel();
  });

  return {
    signOut() {
      untilSignOut.abort();
      untilSignOut = new AbortController();
      hints.markOut();
      begin(leave());
      return attempt();
    },
    followSignOut() {
      begin(leave());
      attemptLater(backoff(1, environment.random));
    },
    resume() {
      begin();
      void attempt();
    },
    signal: () => untilSignOut.signal,
    wake() {
      if (pending === null || controller !== null) return;
      if (retryAfterMs === 0) void attempt();
      else if (stopTimer === null) attemptLater(retryAfterMs);
    },
    pause,
    cancel,
  };
};
