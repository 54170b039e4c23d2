import { type Operation, TRPCClientError } from '@trpc/client';
import type { AnyRouter } from '@trpc/server';
import { isGateReason } from '../../shared/auth/reasons.ts';
import { backoff } from './backoff.ts';
import { type Answer, type AnswerObserver, type Answers, createCourier, dataOf } from './courier.ts';
import type { AuthEnvironment } from './environment.ts';
import { IdentityChangedError, isOffline } from './errors.ts';
import { isRecord } from './record.ts';
import { isPassing } from './retry.ts';
import type { Session } from './session.ts';
import { takeStreamSlot } from './stream-slots.ts';

/** A stream that has lasted so long was let in: what ends it later is another matter than what ended the one before. */
const STANDING_MS = 500;

/** The input with the place at which to go on, as tRPC's own links pass it. */
const resumedInput = (input: unknown, lastEventId: string | undefined): unknown => {
  const fields = input ?? {};
  return lastEventId === undefined || !isRecord(fields) ? input : { ...fields, lastEventId };
};

/**
 * Keeps a subscription going for as long as its user is signed in: through tokens that expire, servers that restart, lost
 * networks and sleep. Each time it goes on after the last event that was heard. Failures that pass show as the connection state
 * `connecting`; only a definite refusal is an error.
 *
 * A page that nobody sees closes its stream: browsers allow six connections to a host over HTTP/1.1, for all tabs together.
 */
export const followSubscription = <TRouter extends AnyRouter>({
  session,
  environment,
  op,
  next,
  observer,
}: {
  session: Session;
  environment: AuthEnvironment;
  op: Operation;
  next: (op: Operation) => Answers<TRouter>;
  observer: AnswerObserver<TRouter>;
}): (() => void) => {
  let lastEventId: string | undefined;
  /** In a row, with no stream in between that stood. */
  let failures = 0;
  let refusals = 0;
  /** By the gate, and still to be answered with another token. */
  let refusal: TRPCClientError<TRouter> | null = null;
  /** Neither open nor on the way to it: hidden, or waiting for another try. */
  let isResting = false;
  /** Counts what was begun. What waits for something goes on only if nothing else was begun meanwhile. */
  let step = 0;
  let stopTimer = (): void => undefined;
  let giveUpSlot = (): void => undefined;

  const begin = (resting = false): number => {
    stopTimer();
    courier.recall();
    giveUpSlot();
    isResting = resting;
    step += 1;
    return step;
  };
  const wait = (milliseconds: number, run: () => void): void => {
    stopTimer();
    stopTimer = environment.setTimer(run, milliseconds);
  };
  const stand = (): void => {
    failures = 0;
    refusals = 0;
  };

  /** False if there is no session to have a token of. */
  const ready = async (): Promise<boolean> => {
    if (refusal !== null && !(await session.recover(courier.call))) return false;
    await session.ready();
    return true;
  };

  const send = (): void =>
    courier.send(next({ ...courier.op, input: resumedInput(op.input, lastEventId) }), { next: hear, error: settle });

  const open = (): void => {
    if (!courier.call.isCurrent()) return courier.fail(new IdentityChangedError());
    const mine = begin();
    if (!environment.isVisible()) return hide();
    ready().then(
      (isReady) => {
        if (mine !== step) return;
        if (!isReady && refusal !== null) return courier.refuse(refusal);
        refusal = null;
        giveUpSlot = takeStreamSlot(environment, { onTaken: send, onWanted: open });
      },
      (error: Error) => {
        if (mine === step) settle(TRPCClientError.from(error));
      },
    );
  };

  const hear = (answer: Answer<TRouter>): void => {
    const { result } = answer;
    // The link behind would connect again by itself, in three seconds with everybody else.
    if (result.type === 'state' && result.error) return settle(result.error);
    if (result.type === 'started') wait(STANDING_MS, stand);
    if (result.type === undefined || result.type === 'data') {
      stand();
      lastEventId = result.id ?? lastEventId;
    }
    observer.next(answer);
  };

  const settle = (failure: TRPCClientError<TRouter>): void => {
    if (isGateReason(dataOf(failure)['reason']) && refusals === 0) {
      refusals += 1;
      refusal = failure;
      return open();
    }
    if (!isOffline(failure) && !isPassing(failure)) return courier.refuse(failure);
    failures += 1;
    begin(true);
    observer.next({ result: { type: 'state', state: 'connecting', error: failure } });
    wait(backoff(failures, environment.random), open);
  };

  const hide = (): void => {
    begin(true);
    stand();
  };
  const goOn = (): void => {
    if (isResting) open();
  };
  const stop = (): void => {
    step += 1;
    stopTimer();
    giveUpSlot();
    for (const stopListening of stops) stopListening();
  };

  let stops: (() => void)[] = [];
  const courier = createCourier({ session, op, observer, outlivesUser: false, onClose: stop });
  if (!courier.isOpen()) return courier.close;
  stops = [
    environment.onWake(goOn),
    session.subscribe(() => {
      if (!session.getState().offline) goOn();
    }),
    environment.onHide(hide),
    environment.onConnection(() => {
      // What was connected over another network may be dead without having said so.
      if (environment.isOnline()) open();
    }),
  ];
  open();
  return courier.close;
};
