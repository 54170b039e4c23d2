import { type Operation, type OperationResultEnvelope, TRPCClientError } from '@trpc/client';
import type { AnyRouter } from '@trpc/server';
import type { Observable, Observer, Unsubscribable } from '@trpc/server/observable';
import { IdentityChangedError } from '../errors.ts';
import { listen } from '../internal/listen.ts';
import { isRecord } from '../internal/record.ts';
import { runForApp } from '../internal/run-for-app.ts';
import type { Call } from '../session/identity.ts';
import type { Calls } from './calls.ts';
import { CALL_KEY } from './token-headers.ts';

export type Envelope<TRouter extends AnyRouter> = OperationResultEnvelope<unknown, TRPCClientError<TRouter>>;
export type Envelopes<TRouter extends AnyRouter> = Observable<Envelope<TRouter>, TRPCClientError<TRouter>>;
export type EnvelopeObserver<TRouter extends AnyRouter> = Observer<Envelope<TRouter>, TRPCClientError<TRouter>>;

/** What the server says of a failure. Empty if it was not the server that spoke. */
export const refusalDataOf = (error: { data?: unknown }): Record<string, unknown> =>
  isRecord(error.data) ? error.data : {};

/** Carries one operation of a user, once or several times, until it ends, is given up, or the user leaves. */
export interface OperationRun<TRouter extends AnyRouter> {
  call: Call;
  /** The operation, with the call in its context for whoever makes the headers. */
  op: Operation;
  /**
   * Sends, in place of what was sent before: nothing more is heard of that. What it throws is how the operation ends.
   */
  send: (carry: () => Envelopes<TRouter>, heard: Pick<EnvelopeObserver<TRouter>, 'next' | 'error'>) => void;
  /** Waits, in place of what was sent before. What it is refused with is how the operation ends, unless said. */
  wait: <Value>(promise: Promise<Value>, then: (value: Value) => void, failed?: (error: Error) => void) => void;
  /** Takes back what was sent, or the wait. */
  recall: () => void;
  /** Ends with an error, as complete, or without a word. */
  fail: (error: unknown) => void;
  end: () => void;
  close: () => void;
  /** Ends with an error by which the server may have said that the session is over. */
  refuse: (error: TRPCClientError<TRouter>) => void;
}

export const createOperationRun = <TRouter extends AnyRouter>(
  calls: Pick<Calls, 'open' | 'refused'>,
  op: Operation,
  observer: EnvelopeObserver<TRouter>,
  onClose: () => void,
  /** Whether it is not dropped at this moment when its user leaves. */
  outlivesUser?: () => boolean,
): OperationRun<TRouter> => {
  let isOpen = true;
  let sending: Unsubscribable | null = null;
  let sent = 0;

  const recall = (): void => {
    // First, since the links behind say that they are complete when they are taken back.
    sent += 1;
    runForApp(() => sending?.unsubscribe());
    sending = null;
  };
  const finish = (tell: () => void): void => {
    if (!isOpen) return;
    isOpen = false;
    call.close();
    stopListening();
    onClose();
    recall();
    runForApp(tell);
  };
  const fail = (error: unknown): void =>
    finish(() => observer.error(TRPCClientError.from(isRecord(error) ? error : new Error(String(error)))));
  const end = (): void => finish(() => observer.complete());
  /**
   * Hears of what is sent or waited for now, and of nothing once that is recalled. What is thrown in a promise, or in
   * an event, would reach nobody, and its caller would wait for ever.
   */
  const unlessRecalled = <Values extends unknown[]>(
    hear: (...values: Values) => void,
  ): ((...values: Values) => void) => {
    const mine = sent;
    return (...values) => {
      if (!isOpen || mine !== sent) return;
      try {
        hear(...values);
      } catch (error) {
        if (mine === sent) fail(call.isCurrent() ? error : new IdentityChangedError());
      }
    };
  };
  // Only the terminating links watch the signal, so whoever waits before them must, and do as they do: whatever the
  // reason of the abort, a call fails with an AbortError, and a subscription is complete.
  const abort = (): void => {
    if (op.type !== 'subscription') fail(AbortSignal.abort().reason);
    else if (sending === null) end();
  };

  const call = calls.open((error) => outlivesUser?.() || fail(error));
  const stopListening = listen([op.signal], ['abort'], abort);
  if (op.signal?.aborted) abort();

  return {
    call,
    op: { ...op, context: { ...op.context, [CALL_KEY]: call } },
    send(carry, heard) {
      recall();
      const mine = sent;
      unlessRecalled(() => {
        const subscription = carry().subscribe({
          next: unlessRecalled(heard.next),
          error: unlessRecalled(heard.error),
          complete: unlessRecalled(end),
        });
        // What failed in the same breath may have been taken back already.
        if (mine === sent) sending = subscription;
        else subscription.unsubscribe();
      })();
    },
    wait(promise, then, failed = fail) {
      recall();
      promise.then(unlessRecalled(then), unlessRecalled(failed));
    },
    recall,
    fail,
    end,
    close: () => finish(() => undefined),
    refuse(error) {
      fail(error);
      calls.refused(call, refusalDataOf(error), error);
    },
  };
};
