import { HINT_SIGNED_OUT } from '../../../shared/auth/cookies.ts';
import type { AuthEnvironment } from '../environment.ts';
import { isRecord } from '../internal/record.ts';
import type { ProcedureCaller } from '../wire/procedure-caller.ts';
import { backoff, retryAfterOf } from './backoff.ts';

const LOGOUT_TIMEOUT_MS = 10_000;

export interface PendingLogout {
  /** Tells the server, and goes on trying until it has heard. Resolves after the first try, whatever became of it. */
  begin: (options: { accessToken?: string | undefined; delayed?: boolean }) => Promise<void>;
  /** Tries at once, unless a try is under way or the server asked to wait. */
  wake: () => void;
  /** A sign-in is under way: an answer to the logout that came after it would take its cookies away. */
  pause: () => void;
  cancel: () => void;
}

/**
 * A sign-out that the server has yet to hear of. This browser is signed out already, by the hint, which outlives the page: the
 * next one goes on from there.
 */
export const createPendingLogout = (
  environment: AuthEnvironment,
  callProcedure: ProcedureCaller,
  /** Whether a hint names a session that this page has not seen, and so none that it has left. */
  isNew: (hint: string | null) => boolean,
): PendingLogout => {
  const { hint } = environment;
  let pending: { accessToken: string | undefined; marked: boolean } | null = null;
  let controller: AbortController | null = null;
  let failures = 0;
  /** Milliseconds that the server wants us to wait. */
  let wanted = 0;
  let stopTimer: (() => void) | null = null;

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

  /** The mark is gone: another tab got through to the server, or someone has signed in since. */
  const isOvertaken = (marked: boolean): boolean => {
    const value = hint.read();
    if (value === null) return marked;
    if (value === HINT_SIGNED_OUT) return false;
    if (isNew(value)) return true;
    // A refresh of the session that we left, sent before and answered after, has put its hint back.
    hint.write(HINT_SIGNED_OUT);
    return false;
  };

  const later = (milliseconds: number): void => {
    stopTimer?.();
    stopTimer = environment.setTimer(() => void attempt(), milliseconds);
  };

  const attempt = async (): Promise<void> => {
    pause();
    if (pending === null) return;
    if (isOvertaken(pending.marked)) return cancel();

    const mine = new AbortController();
    controller = mine;
    const answer = await callProcedure({
      path: 'auth.logout',
      accessToken: pending.accessToken,
      signals: [mine.signal],
      timeout: LOGOUT_TIMEOUT_MS,
      keepalive: true,
    });
    if (controller !== mine) return;
    controller = null;

    if (answer.kind === 'result' && isRecord(answer.data)) {
      pending = null;
      const value = hint.read();
      if (value !== null && (value === HINT_SIGNED_OUT || !isNew(value))) hint.remove();
      return;
    }
    failures += 1;
    wanted = answer.kind === 'refusal' ? retryAfterOf(answer.data) : 0;
    later(backoff(failures, environment.random, wanted));
  };

  return {
    begin({ accessToken, delayed = false }) {
      cancel();
      pending = { accessToken, marked: hint.read() === HINT_SIGNED_OUT };
      failures = 0;
      wanted = 0;
      if (!delayed) return attempt();
      later(backoff(1, environment.random));
      return Promise.resolve();
    },
    wake() {
      if (pending === null || controller !== null) return;
      if (wanted === 0) void attempt();
      else if (stopTimer === null) later(wanted);
    },
    pause,
    cancel,
  };
};
