import { type Operation, type OperationResultEnvelope, TRPCClientError } from '@trpc/client';
import type { AnyRouter } from '@trpc/server';
import type { Observable, Observer, Unsubscribable } from '@trpc/server/observable';
import type { Calls } from './calls.ts';
import type { Call } from './identity.ts';
import { listen } from './listen.ts';
import { isRecord } from './record.ts';
import { runForApp } from './run-for-app.ts';
import { CALL_KEY } from './token-headers.ts';

export type Answer<TRouter extends AnyRouter> = OperationResultEnvelope<unknown, TRPCClientError<TRouter>>;
export type Answers<TRouter extends AnyRouter> = Observable<Answer<TRouter>, TRPCClientError<TRouter>>;
export type AnswerObserver<TRouter extends AnyRouter> = Observer<Answer<TRouter>, TRPCClientError<TRouter>>;

/** What the server says of a failure. Empty if it was not the server that spoke. */
export const dataOf = (error: { data?: unknown }): Record<string, unknown> => (isRecord(error.data) ? error.data : {});

/** Carries one operation of a user, once or several times, until it ends, is given up, or the user leaves. */
export interface Courier<TRouter extends AnyRouter> {
  call: Call;
  /** The operation, with the call in its context for whoever makes the headers. */
  op: Operation;
  isOpen: () => boolean;
  /** Sends, in place of what was sent before: nothing more is heard of that. */
  send: (answers: Answers<TRouter>, heard: Pick<AnswerObserver<TRouter>, 'next' | 'error'>) => void;
  /** Takes back what was sent. */
  recall: () => void;
  /** Ends with an error, or without a word. */
  fail: (error: Error) => void;
  close: () => void;
  /** Ends with an error by which the server may have said that the session is over. */
  refuse: (error: TRPCClientError<TRouter>) => void;
}

export const createCourier = <TRouter extends AnyRouter>({
  calls,
  op,
  observer,
  outlivesUser,
  onClose = () => undefined,
}: {
  calls: Pick<Calls, 'open' | 'refused'>;
  op: Operation;
  observer: AnswerObserver<TRouter>;
  /** A sign-in changes the user by itself, and is not dropped for it. */
  outlivesUser: boolean;
  onClose?: () => void;
}): Courier<TRouter> => {
  let isOpen = true;
  let sending: Unsubscribable | null = null;
  let sent = 0;

  const recall = (): void => {
    // First, since the links behind say that they are complete when they are taken back.
    sent += 1;
    sending?.unsubscribe();
    sending = null;
  };
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    call.close();
    stopListening();
    onClose();
    recall();
  };
  const fail = (error: Error): void => {
    if (!isOpen) return;
    close();
    runForApp(() => observer.error(TRPCClientError.from(error)));
  };
  // Only the terminating links watch the signal, so whoever waits before them must.
  const abort = (): void => {
    const reason: unknown = op.signal?.reason;
    fail(reason instanceof Error ? reason : new Error('The call was aborted.'));
  };

  const call = calls.open(outlivesUser ? () => undefined : fail);
  const stopListening = listen(op.signal ? [op.signal] : [], ['abort'], abort);
  if (op.signal?.aborted) abort();

  return {
    call,
    op: { ...op, context: { ...op.context, [CALL_KEY]: call } },
    isOpen: () => isOpen,
    send(answers, heard) {
      recall();
      const mine = sent;
      const subscription = answers.subscribe({
        next: (answer) => {
          if (mine === sent) heard.next(answer);
        },
        error: (error) => {
          if (mine === sent) heard.error(error);
        },
        complete() {
          if (mine !== sent) return;
          close();
          observer.complete();
        },
      });
      // What failed in the same breath may have been taken back already.
      if (mine === sent) sending = subscription;
      else subscription.unsubscribe();
    },
    recall,
    fail,
    close,
    refuse(error) {
      fail(error);
      calls.refused(call, dataOf(error), error);
    },
  };
};
