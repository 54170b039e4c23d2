import type { AuthEnvironment } from '../environment.ts';
import { chainDataOf, OfflineError } from '../errors.ts';
import type { ProcedureCaller } from '../wire/procedure-caller.ts';
import { isGrant } from '../wire/reply.ts';
import type { Exchanges } from './exchanges.ts';
import type { Hints } from './hints.ts';
import type { LocalSession } from './local-session.ts';
import type { Logout } from './logout.ts';
import { createRenewalTimer } from './renewal-timer.ts';
import { sessionEndOf } from './session-end.ts';
import { createSingleFlight } from './single-flight.ts';
import type { SessionEnd } from './state.ts';
import type { TabLock } from './tab-lock.ts';

export interface Renewal {
  /**
   * Joins the refresh under way, or makes one. Null means that there is something new to look at: a token, or no
   * session.
   */
  run: () => Promise<Error | null>;
  /**
   * Waits for another token than that of the generation, or for the end of the session. Rejects with why neither can be
   * had.
   */
  tokenAfter: (generation: number | null) => Promise<void>;
  /** The server has said of the session that is held that it is over. */
  end: (ended: SessionEnd, error: Error) => void;
  /** Whether a refresh was sent with this value of the hint. Should it come to nothing, it is retried by itself. */
  isAskedWith: (hint: string | null) => boolean;
  /** Tries at once what would be tried later. */
  wake: () => void;
  /** Renews the token if its time has come. */
  runIfDue: () => void;
  stop: () => void;
}

/** The refresh of the token, and everything that asks for one: its age, a call that was refused, a restore. */
export const createRenewal = (
  environment: AuthEnvironment,
  callProcedure: ProcedureCaller,
  hints: Hints,
  local: LocalSession,
  tabLock: TabLock,
  logout: Logout,
  exchanges: Exchanges,
): Renewal => {
  const { is, token } = local;
  /** Undefined for none. */
  let hintAsked: string | null | undefined;
  let isStopped = false;

  const refreshOnce = async (signal: AbortSignal): Promise<Error | null> => {
    // While another tab had the lock, someone may have signed in or out.
    if (signal.aborted || logout.followSignOut()) return null;
    const hintSent = hints.read();
    hintAsked = hintSent;
    const sentAt = environment.now();
    const { data, error } = await callProcedure({ path: 'auth.refresh', signals: [signal] });
    // Too late: someone has signed in or out since. It resurrects nothing and overwrites nothing.
    if (signal.aborted || logout.followSignOut()) return null;

    // Someone signed in while it was under way.
    const isReplaced = hints.judge() === 'new' && hints.read() !== hintSent;
    if (error) {
      const refusal = chainDataOf(error);
      const end = sessionEndOf(refusal);
      // Only the user can help it, and the message says how.
      if (end === null) return refusal['reason'] === 'refresh_token_ambiguous' ? error : new OfflineError(error);
      if (isReplaced) return refreshOnce(signal);
      hints.discard(hintSent);
      local.leave(end, error);
      return null;
    }
    if (!isGrant(data)) return new OfflineError();
    // Which of the two sessions the token is of cannot be told. Without a hint before, it is the server that set one
    // now.
    if (isReplaced && hintSent !== null) return refreshOnce(signal);
    local.adopt(data, sentAt, false);
    return null;
  };

  const flight = createSingleFlight(
    environment,
    (signal) => tabLock([signal], () => refreshOnce(signal)),
    (failing) => local.mark(failing ? { failing } : { failing, disconnected: false }),
  );

  const cancel = (): void => {
    hintAsked = undefined;
    flight.cancel();
  };

  const run = async (): Promise<Error | null> => {
    if (isStopped) return new OfflineError();
    if (exchanges.isIdle()) return flight.run();
    await exchanges.idle();
    return null;
  };

  const timer = createRenewalTimer(environment, () => void run());
  const setTimer = (): void => timer.set(token()?.renewAt ?? null);

  local.beforeChange(() => {
    setTimer();
    hintAsked = undefined;
    if (token() === null) cancel();
  });
  exchanges.onChange(() => {
    // One that is under way could answer after the exchange, and its cookies would take the place of those.
    if (!exchanges.isIdle()) cancel();
    // If the exchange came to nothing, what waited for it goes on.
    else if (!is('anonymous') && (token() === null || local.state.isFailing())) void run();
    else setTimer();
  });

  return {
    run,
    async tokenAfter(old) {
      // Without a page there is none to be had, and calls go out as nobody's.
      while (environment.hint && !is('anonymous') && (token() === null || token()?.generation === old)) {
        const failure = await run();
        if (failure) throw failure;
      }
    },
    end(ended, error) {
      if (!is('authenticated') || logout.followSignOut()) return;
      if (hints.judge() === 'new') {
        local.supersede();
        void run();
        return;
      }
      hints.discard();
      local.leave(ended, error);
    },
    isAskedWith: (hint) => hint === hintAsked,
    wake() {
      if (local.state.isFailing() && exchanges.isIdle()) flight.wake();
    },
    runIfDue() {
      if (timer.isDue()) void run();
    },
    stop() {
      isStopped = true;
      timer.set(null);
      cancel();
    },
  };
};
