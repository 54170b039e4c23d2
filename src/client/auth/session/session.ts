import { HINT_SIGNED_OUT } from '../../../shared/auth/cookies.ts';
import type { AuthEnvironment } from '../environment.ts';
import type { ProcedureCaller } from '../wire/procedure-caller.ts';
import type { AccessToken } from './access-token.ts';
import { createExchanges } from './exchanges.ts';
import { createHolding, type Holding } from './holding.ts';
import { createOtherTabs } from './other-tabs.ts';
import { createPendingLogout } from './pending-logout.ts';
import { createRenewal, type RenewalFailure, unreachable } from './renewal.ts';
import { createRenewalTimer } from './renewal-timer.ts';
import type { SessionEnd } from './state.ts';
import { createTurns } from './turns.ts';
import { verdictOf } from './verdict.ts';

/** A third of the server's default leeway, which is what its rotation rules assume. */
const REFRESH_TIMEOUT_MS = 10_000;

export interface Session extends Pick<Holding, 'state' | 'is' | 'identity' | 'token' | 'epoch'> {
  /** Restores the session of the browser, if it has one. Once, however often it is called. */
  start: () => void;
  stop: () => void;
  /** Waits for another token than that of the generation, or for the end of the session. Returns why neither can be had. */
  tokenAfter: (generation: number | null) => Promise<RenewalFailure | null>;
  /** Calls a mutation of the router `auth`, alone, and takes over the session that it grants, if it grants one. */
  exchange: (
    path: string,
    input: unknown,
    signal?: AbortSignal | null,
    accessToken?: () => string | undefined,
  ) => Promise<unknown>;
  signOut: () => Promise<void>;
  /** Whether this browser was signed out and nobody has signed in since, also if the server has not heard of it yet. */
  isSignedOut: () => boolean;
  /** The server has said of the session that is held that it is over. */
  end: (ended: SessionEnd, error: Error) => void;
  /** Looks whether another tab has signed in or out, and follows it. */
  look: () => void;
}

/** The session engine: every way in which what this page holds of a session changes. */
export const createSession = (environment: AuthEnvironment, callProcedure: ProcedureCaller): Session => {
  const { hint, now } = environment;
  const turns = createTurns(environment);
  const renewalTimer = createRenewalTimer(environment, () => void renew());
  const otherTabs = createOtherTabs(
    environment,
    () => look(),
    () => {
      look();
      // What one of them could, we can: the server is back.
      renewal.wake();
    },
  );
  const onToken = (held: AccessToken | null): void => {
    renewalTimer.set(held?.renewAt ?? null);
    if (held === null) renewal.cancel();
    else logout.cancel();
  };
  const holding = createHolding(environment, onToken, otherTabs.call);
  const { state, identity, hints, token, epoch, is, adopt, leave } = holding;
  let stopListening: (() => void) | null = null;
  let isStopped = false;

  const isSignedOut = (): boolean => hint.read() === HINT_SIGNED_OUT;

  /** Another tab signed this browser out. It tells the server as well, so we wait a little before we do. */
  const followSignOut = (): void => {
    const accessToken = token()?.value;
    leave({ reason: 'signed_out' });
    void logout.begin({ accessToken, delayed: true });
  };

  /** Of a session that is over. Not if it changed: a deletion that comes late signs out the winner of a race. */
  const removeHint = (value: string | null): void => {
    if (value !== null && value === hint.read()) hint.remove();
  };

  const refreshOnce = async (signal: AbortSignal): Promise<RenewalFailure | null> => {
    // While another tab had its turn, someone may have signed in or out.
    if (signal.aborted) return null;
    const hintSent = hint.read();
    if (hintSent === HINT_SIGNED_OUT) {
      followSignOut();
      return null;
    }
    hints.ask(hintSent);
    const sentIn = epoch();
    const sentAt = now();
    const answer = await callProcedure({ path: 'auth.refresh', signals: [signal], timeout: REFRESH_TIMEOUT_MS });
    // A late answer: someone has signed in or out since. It resurrects nothing and overwrites nothing.
    if (signal.aborted || epoch() !== sentIn) return null;

    const verdict = verdictOf({ answer, hintSent, hintNow: hint.read(), isNew: hints.isNew });
    if (verdict === 'replaced') return refreshOnce(signal);
    if (verdict === 'signed_out') followSignOut();
    else if ('failure' in verdict) return verdict.failure;
    else if ('grant' in verdict) adopt(verdict.grant, sentAt, false);
    else {
      hints.spend(hintSent);
      removeHint(hintSent);
      leave(verdict.end, verdict.error);
    }
    return null;
  };

  const renewal = createRenewal(
    environment,
    (signal) => turns([signal], () => refreshOnce(signal)),
    (failing) => holding.mark(failing ? { failing } : { failing, disconnected: false }),
  );

  const logout = createPendingLogout(environment, callProcedure, hints.isNew);

  const renew = async (): Promise<RenewalFailure | null> => {
    if (isStopped) return unreachable();
    if (exchanges.isIdle()) return renewal.run();
    await exchanges.idle();
    return null;
  };

  const look = (): void => {
    if (!exchanges.isIdle()) return;
    if (isSignedOut()) {
      if (!is('anonymous')) followSignOut();
      return;
    }
    const value = hint.read();
    if (hints.isSettled(value)) return;
    if (is('anonymous')) {
      logout.cancel();
      holding.expect();
    }
    // A hint that is gone proves nothing: the server is asked.
    if (!is('restoring') || value !== null) void renewal.run();
  };

  const exchanges = createExchanges({
    callProcedure: (call) => turns(call.signals, () => callProcedure(call)),
    now,
    onStart() {
      // A refresh or a logout that is under way could answer after us, and its cookies would take the place of ours.
      renewal.cancel();
      hints.ask(undefined);
      logout.pause();
    },
    onGrant: (grant, sentAt) => adopt(grant, sentAt, true),
    onIdle() {
      // If it came to nothing, what waited for it goes on.
      logout.wake();
      if (!is('anonymous') && (token() === null || state.isFailing())) void renewal.run();
      else renewalTimer.set(token()?.renewAt ?? null);
      // The answer may have been lost and its cookies not.
      look();
    },
  });

  const wake = (): void => {
    look();
    renewal.wake();
    if (renewalTimer.isDue()) void renew();
  };

  const onConnection = (): void => {
    const disconnected = !environment.isOnline();
    holding.mark({ disconnected });
    if (disconnected) return;
    wake();
    logout.wake();
  };

  const start = (): void => {
    if (stopListening !== null) return;
    const stops = [otherTabs.follow(), environment.onWake(wake), environment.onConnection(onConnection)];
    stopListening = () => {
      for (const stop of stops) stop();
    };
    if (isSignedOut()) void logout.begin({});
    else if (is('restoring')) void renewal.run();
  };

  return {
    state,
    is,
    identity,
    token,
    epoch,
    start,
    stop() {
      isStopped = true;
      stopListening?.();
      renewalTimer.set(null);
      renewal.cancel();
      logout.cancel();
    },

    async tokenAfter(old) {
      while (!is('anonymous') && (token() === null || token()?.generation === old)) {
        const failure = await renew();
        if (failure !== null) return failure;
      }
      return null;
    },

    exchange(path, input, signal, accessToken = () => token()?.value) {
      start();
      return exchanges.run(path, input, signal, accessToken);
    },

    signOut() {
      start();
      const accessToken = token()?.value;
      exchanges.abort();
      hints.spend(hint.read());
      hint.write(HINT_SIGNED_OUT);
      leave({ reason: 'signed_out' });
      return logout.begin({ accessToken });
    },

    isSignedOut,

    end(ended, error) {
      if (!is('authenticated')) return;
      if (isSignedOut()) return followSignOut();
      if (hints.isNew(hint.read())) {
        holding.supersede();
        renewal.cancel();
        // After a sign-in that is under way: its cookies and those of a refresh must not cross.
        void renew();
        return;
      }
      removeHint(hints.held());
      leave(ended, error);
    },

    look,
  };
};
