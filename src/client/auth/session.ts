import { HINT_SIGNED_OUT } from '../../shared/auth/cookies.ts';
import type { SessionGrant } from '../../shared/auth/index.ts';
import { type AccessToken, accessTokenOf } from './access-token.ts';
import { createEmitter } from './emitter.ts';
import type { AuthEnvironment } from './environment.ts';
import { createExchanges } from './exchanges.ts';
import { type Call, createIdentity, type Identity } from './identity.ts';
import { createOtherTabs } from './other-tabs.ts';
import { createPendingLogout } from './pending-logout.ts';
import type { ProcedureCaller } from './procedure-caller.ts';
import { createRenewal, type RenewalFailure, unreachable } from './renewal.ts';
import { createRenewalTimer } from './renewal-timer.ts';
import { type AuthState, type SessionEnd, settledState } from './state.ts';
import { createTurns } from './turns.ts';
import { sessionEndOf, verdictOf } from './verdict.ts';

/** A third of the server's default leeway: see "Rotation" in the design. */
const REFRESH_TIMEOUT_MS = 10_000;

export interface Session {
  /** Restores the session of the browser, if it has one. Once, however often it is called. */
  start: () => void;
  stop: () => void;
  getState: () => AuthState;
  subscribe: (listener: () => void) => () => void;
  identity: Pick<Identity, 'isCall' | 'onChange'>;
  /** Begins a call as the user of this moment. It is dropped with an error when that user leaves. */
  open: (onDropped: (error: Error) => void) => Call;
  /** The access token at this moment, null without one. */
  token: () => Pick<AccessToken, 'value' | 'generation'> | null;
  /** Notes what a call is sent with. */
  stamp: (call: Call) => void;
  /** Waits until the call may be sent: not while restoring, nor with a token that is known to be past. */
  ready: () => Promise<void>;
  /** After a refusal at the gate: waits for another token than the one refused. False if there is no session to have one of. */
  recover: (call: Call) => Promise<boolean>;
  /** The gate has said that the session of the call is over. */
  refused: (call: Call, data: Record<string, unknown>, error: Error) => void;
  /** Calls a procedure that writes cookies, alone, and takes over the session that it grants. */
  exchange: (path: string, input: unknown, signal?: AbortSignal | null) => Promise<unknown>;
  /** Renews the token now, with everyone who wants the same. Null if there is no session to renew. */
  refresh: () => Promise<SessionGrant | null>;
  signOut: () => Promise<void>;
  /** Looks whether another tab has signed in or out, and follows it. */
  look: () => void;
}

/** The session engine: who is signed in, the token, and every way in which either changes. */
export const createSession = ({
  environment,
  callProcedure,
}: {
  environment: AuthEnvironment;
  callProcedure: ProcedureCaller;
}): Session => {
  const { hint, now, random } = environment;
  const changes = createEmitter();
  const turns = createTurns(environment);
  const otherTabs = createOtherTabs(environment, {
    look: () => look(),
    onCall() {
      look();
      // What one of them could, we can: the server is back.
      renewal.wake();
    },
  });

  const initialHint = hint.read();
  const restorable = initialHint !== null && initialHint !== HINT_SIGNED_OUT;
  const identity = createIdentity(restorable ? undefined : null);

  let failing = false;
  let disconnected = !environment.isOnline();
  const isOffline = (): boolean => failing || disconnected;
  const anonymous = (ended: SessionEnd | null): AuthState => ({ status: 'anonymous', offline: isOffline(), ended });
  let state: AuthState = restorable ? { status: 'restoring', offline: isOffline() } : anonymous(null);

  let token: AccessToken | null = null;
  let generation = 0;
  /** Counts the sessions of this page, and the times between them. An answer from an earlier one changes nothing. */
  let epoch = 0;
  /** The hint that goes with the session we hold. */
  let hintHeld: string | null = null;
  /** The hint that a refresh was sent with which has had no answer, or none that helps: it is tried again by itself. */
  let hintAsked: string | null | undefined;
  /** Values of the hint that have had their restore. */
  const spentHints = new Set<string>();
  const isSpent = (value: string): boolean => spentHints.has(value);
  const spend = (value: string | null): void => {
    if (value !== null && value !== HINT_SIGNED_OUT) spentHints.add(value);
  };

  let stopListening: (() => void) | null = null;
  let isStopped = false;

  const show = (next: AuthState, { first = (): void => undefined } = {}): void => {
    const old = state;
    state = settledState(old, next);
    first();
    if (state !== old) changes.emit();
  };
  const showOffline = (): void => show({ ...state, offline: isOffline() });

  const renewalTimer = createRenewalTimer(environment, () => void renew());

  const adopt = (grant: SessionGrant, sentAt: number, { isNew }: { isNew: boolean }): void => {
    // A server out of reach of our hint: the mark of the last sign-out must not end this session.
    if (isNew && hint.read() === HINT_SIGNED_OUT) hint.remove();
    const value = hint.read();
    if (isNew || value !== hintHeld) epoch += 1;
    generation += 1;
    token = accessTokenOf(grant, { generation, sentAt, random });
    hintHeld = value;
    hintAsked = undefined;
    spend(value);
    logout.cancel();
    failing = false;
    disconnected = false;
    renewalTimer.set(token.renewAt);
    const { user } = grant;
    show({ status: 'authenticated', offline: isOffline(), user }, { first: () => identity.become(user.id) });
    otherTabs.call();
  };

  /** Forgets the session, here and at once. */
  const leave = (ended: SessionEnd, error?: Error): void => {
    epoch += 1;
    spend(hintHeld);
    token = null;
    hintHeld = null;
    hintAsked = undefined;
    failing = false;
    renewalTimer.set(null);
    renewal.cancel();
    show(anonymous(ended), { first: () => identity.become(null, error) });
    otherTabs.call();
  };

  /** Another tab signed this browser out. It tells the server as well, so we wait a little before we do. */
  const followSignOut = (): void => {
    const accessToken = token?.value;
    leave({ reason: 'signed_out' });
    void logout.begin({ accessToken, delayed: true });
  };

  const refreshOnce = async (signal: AbortSignal): Promise<RenewalFailure | null> => {
    // While another tab had its turn, someone may have signed in or out.
    if (signal.aborted) return null;
    const hintSent = hint.read();
    if (hintSent === HINT_SIGNED_OUT) {
      followSignOut();
      return null;
    }
    hintAsked = hintSent;
    const sentIn = epoch;
    const sentAt = now();
    const answer = await callProcedure({ path: 'auth.refresh', signals: [signal], timeout: REFRESH_TIMEOUT_MS });
    // A late answer: someone has signed in or out since. It resurrects nothing and overwrites nothing.
    if (signal.aborted || epoch !== sentIn) return null;

    const hintNow = hint.read();
    const verdict = verdictOf({ answer, hintSent, hintNow, isSpent });
    switch (verdict.kind) {
      case 'granted':
        adopt(verdict.grant, sentAt, { isNew: false });
        return null;
      case 'replaced':
        return refreshOnce(signal);
      case 'signed_out':
        followSignOut();
        return null;
      case 'over':
        spend(hintSent);
        // Not if it changed: a deletion that comes late signs out the winner of a race.
        if (hintNow !== null && hintNow === hintSent) hint.remove();
        leave(verdict.end, verdict.error);
        return null;
      case 'failed':
        return verdict.failure;
    }
  };

  const renewal = createRenewal({
    environment,
    attempt: (signal) => turns([signal], () => refreshOnce(signal)),
    onSettled(isFailing) {
      failing = isFailing;
      if (!isFailing) disconnected = false;
      showOffline();
    },
  });

  const logout = createPendingLogout({ environment, callProcedure, isSpent });

  const renew = async (): Promise<RenewalFailure | null> => {
    if (isStopped) return unreachable(new Error('The auth client was stopped.'));
    if (exchanges.isIdle()) return renewal.run();
    await exchanges.idle();
    return null;
  };

  /** Waits for another token than that of the generation, or for the end of the session. */
  const tokenAfter = async (old: number | null): Promise<RenewalFailure | null> => {
    while (state.status !== 'anonymous' && (token === null || token.generation === old)) {
      const failure = await renew();
      if (failure !== null) return failure;
    }
    return null;
  };

  const look = (): void => {
    if (!exchanges.isIdle()) return;
    const value = hint.read();
    if (value === HINT_SIGNED_OUT) {
      if (state.status !== 'anonymous') followSignOut();
      return;
    }
    if (value === hintHeld || value === hintAsked || (value !== null && isSpent(value))) return;
    if (state.status === 'anonymous') {
      logout.cancel();
      identity.become(undefined);
      show({ status: 'restoring', offline: isOffline() });
    }
    // A hint that is gone proves nothing: the server is asked.
    if (state.status !== 'restoring' || value !== null) void renewal.run();
  };

  const exchanges = createExchanges({
    callProcedure: (call) => turns(call.signals, () => callProcedure(call)),
    now,
    accessToken: () => token?.value,
    onStart() {
      // A refresh or a logout that is under way could answer after us, and its cookies would take the place of ours.
      renewal.cancel();
      hintAsked = undefined;
      logout.pause();
    },
    onGrant: (grant, sentAt) => adopt(grant, sentAt, { isNew: true }),
    onIdle() {
      // If it came to nothing, what waited for it goes on.
      logout.wake();
      if (state.status !== 'anonymous' && (token === null || failing)) void renewal.run();
      else renewalTimer.set(token?.renewAt ?? null);
      // The answer may have been lost and its cookies not.
      look();
    },
  });

  const wake = (): void => {
    look();
    renewal.wake();
    if (renewalTimer.isDue()) void renew();
  };

  const session: Session = {
    start() {
      if (stopListening !== null) return;
      const stops = [
        otherTabs.follow(),
        environment.onWake(wake),
        environment.onConnection(() => {
          disconnected = !environment.isOnline();
          showOffline();
          if (disconnected) return;
          wake();
          logout.wake();
        }),
      ];
      stopListening = () => {
        for (const stop of stops) stop();
      };
      if (hint.read() === HINT_SIGNED_OUT) void logout.begin({});
      else if (state.status === 'restoring') void renewal.run();
    },

    stop() {
      isStopped = true;
      stopListening?.();
      renewalTimer.set(null);
      renewal.cancel();
      logout.cancel();
    },

    getState: () => state,
    subscribe: (listener) => changes.subscribe(listener),
    identity,
    token: () => token,

    stamp(call) {
      call.sentWith = token?.generation ?? null;
      call.sentIn = epoch;
    },

    open(onDropped) {
      session.start();
      // Another tab may have signed in since: then this call is that user's, and need not be refused to find out.
      if (state.status === 'anonymous') look();
      return identity.open(onDropped);
    },

    async ready() {
      const isPast = token !== null && now() >= token.expiresAt;
      const failure = await tokenAfter(isPast ? (token?.generation ?? null) : null);
      // If the server answers, it is for the gate to say which calls can do without.
      if (failure !== null && !failure.answered) throw failure.error;
    },

    async recover(call) {
      if (!call.isCurrent()) return false;
      const failure = await tokenAfter(call.sentWith);
      if (failure !== null) throw failure.error;
      return call.isCurrent() && state.status !== 'anonymous';
    },

    refused(call, data, error) {
      const end = sessionEndOf(data);
      if (end?.reason !== 'session_revoked' || call.sentIn !== epoch || state.status !== 'authenticated') return;
      const value = hint.read();
      if (value === HINT_SIGNED_OUT) return followSignOut();
      if (value !== null && value !== hintHeld && !isSpent(value)) {
        epoch += 1;
        token = null;
        renewal.cancel();
        void renewal.run();
        return;
      }
      if (value !== null && value === hintHeld) hint.remove();
      leave(end, error);
    },

    exchange(path, input, signal) {
      session.start();
      return exchanges.run(path, input, signal);
    },

    async refresh() {
      session.start();
      const failure = await tokenAfter(token?.generation ?? null);
      if (failure !== null) throw failure.error;
      if (state.status !== 'authenticated' || token === null) return null;
      const expiresIn = Math.max(1, Math.floor((token.expiresAt - now()) / 1_000));
      return { accessToken: token.value, expiresIn, user: state.user };
    },

    signOut() {
      session.start();
      const accessToken = token?.value;
      exchanges.abort();
      spend(hint.read());
      hint.write(HINT_SIGNED_OUT);
      leave({ reason: 'signed_out' });
      return logout.begin({ accessToken });
    },

    look,
  };
  return session;
};
