import { type Operation, TRPCClientError } from '@trpc/client';
import type { AnyRouter } from '@trpc/server';
import { isGateReason } from '../../../shared/auth/reasons.ts';
import type { AuthEnvironment } from '../environment.ts';
import { IdentityChangedError } from '../errors.ts';
import { together } from '../internal/listen.ts';
import { isRecord } from '../internal/record.ts';
import { isTransient } from '../retry.ts';
import { backoff, retryAfterMsOf } from '../session/backoff.ts';
import type { Calls } from './calls.ts';
import {
  createOperationRun,
  type Envelope,
  type EnvelopeObserver,
  type Envelopes,
  refusalDataOf,
} from './operation-run.ts';
import { type StreamSlot, takeStreamSlot } from './stream-slots.ts';

/** A stream that has lasted so long was let in: what ends it later is another matter than what ended the one before. */
const STANDING_MS = 500;

/**
 * Limits of ours, for which no query is retried by itself; a stream has the time. One of the app is as definite as it
 * is to tRPC's own links.
 */
const LIMITS: readonly unknown[] = ['rate_limited', 'too_many_streams'];

/** The input with the place at which to go on, as tRPC's own links pass it. */
const resumedInput = (input: unknown, lastEventId: string | undefined): unknown => {
  const fields = input ?? {};
  return lastEventId === undefined || !isRecord(fields) ? input : { ...fields, lastEventId };
};

/**
 * Keeps a subscription going for as long as its user is signed in: through tokens that expire, servers that restart,
 * lost networks and sleep. Each time it goes on after the last event that was heard. Failures that pass show as the
 * connection state `connecting`; only a definite refusal is an error.
 *
 * A page that nobody sees closes its stream: browsers allow six connections to a host over HTTP/1.1, for all tabs
 * together.
 */
export const followSubscription = <TRouter extends AnyRouter>(
  calls: Calls,
  environment: AuthEnvironment,
  op: Operation,
  next: (op: Operation) => Envelopes<TRouter>,
  observer: EnvelopeObserver<TRouter>,
): (() => void) => {
  // From top to bottom: `open` waits for a token and for a slot, then `send` puts the stream on the wire. `hear` takes
  // what comes of it, and `settle` what it fails with: for good, or `open` once more, at once or after a while. `hide`
  // and `goOn` are what the page and the network do to it, and `stop` is the end.
  let lastEventId: string | undefined;
  /** In a row, with no stream in between that stood. */
  let failures = 0;
  let wasRefused = false;
  /** By the gate, and still to be answered with another token. */
  let refusal: TRPCClientError<TRouter> | null = null;
  /** Since a failure, until the next stream stands. */
  let isReconnecting = false;
  /** What the link behind says of its connection meanwhile. */
  let connected: Envelope<TRouter> | null = null;
  /** Neither open nor on the way to it, and may be at any time: hidden, or waiting for another attempt. */
  let isResting = false;
  /** The server has named a time before which it wants no other attempt, whatever happens here. */
  let isHeldBack = false;
  let stopTimer: (() => void) | undefined;
  let slot: StreamSlot | null = null;

  const begin = (resting = false, heldBack = false): void => {
    stopTimer?.();
    run.recall();
    slot?.release();
    isResting = resting;
    isHeldBack = heldBack;
  };
  const wait = (milliseconds: number, work: () => void): void => {
    stopTimer?.();
    stopTimer = environment.setTimer(work, milliseconds);
  };
  const stand = (): void => {
    failures = 0;
    wasRefused = false;
  };

  const ready = async (): Promise<void> => {
    // There is no session to have another token of.
    if (refusal && !(await calls.recover(run.call))) throw refusal;
    await calls.ready();
  };

  const send = (): void =>
    run.send(() => next({ ...run.op, input: resumedInput(op.input, lastEventId) }), {
      next: hear,
      error: settle,
    });

  const open = (): void => {
    if (!run.call.isCurrent()) return run.fail(new IdentityChangedError());
    begin();
    if (!environment.isVisible()) return hide();
    run.wait(
      ready(),
      () => {
        refusal = null;
        slot = takeStreamSlot(environment, send, open);
      },
      (error) => settle(TRPCClientError.from(error)),
    );
  };

  const hear = (envelope: Envelope<TRouter>): void => {
    const { result } = envelope;
    if (result.type === 'state') {
      // The link behind would connect again by itself, in three seconds with everybody else.
      if (result.error) return settle(result.error);
      // Each attempt begins with a state of its own, which would take the failure away that is still the last word.
      if (isReconnecting) {
        if (result.state === 'pending') connected = envelope;
        return;
      }
    } else {
      if (isReconnecting && connected) observer.next(connected);
      isReconnecting = false;
      if (result.type === 'started') {
        wait(STANDING_MS, stand);
        slot?.connected();
      } else if (result.type !== 'stopped') {
        stand();
        lastEventId = result.id ?? lastEventId;
      }
    }
    observer.next(envelope);
  };

  const settle = (failure: TRPCClientError<TRouter>): void => {
    const data = refusalDataOf(failure);
    if (isGateReason(data['reason']) && !wasRefused) {
      wasRefused = true;
      refusal = failure;
      return open();
    }
    if (!isTransient(failure) && !LIMITS.includes(data['reason'])) return run.refuse(failure);
    failures += 1;
    const retryAfterMs = retryAfterMsOf(data);
    begin(retryAfterMs === 0, retryAfterMs > 0);
    wait(backoff(failures, environment.random, retryAfterMs), open);
    isReconnecting = true;
    connected = null;
    observer.next({ result: { type: 'state', state: 'connecting', error: failure } });
  };

  const hide = (): void => {
    if (isHeldBack) return;
    begin(true);
    stand();
  };
  const goOn = (): void => {
    if (isResting) open();
  };
  const stop = together(
    environment.onWake(goOn),
    calls.state.subscribe(() => {
      if (!calls.state.get().offline) goOn();
    }),
    environment.onHide(hide),
    environment.onConnection(() => {
      // What was connected over another network may be dead without having said so.
      if (environment.isOnline() && !isHeldBack) open();
    }),
    () => stopTimer?.(),
    () => slot?.release(),
  );

  const run = createOperationRun(calls, op, observer, stop);
  open();
  return run.end;
};
