import { TRPCClientError, type TRPCLink } from '@trpc/client';
import type { AnyRouter } from '@trpc/server';
import { observable, type Unsubscribable } from '@trpc/server/observable';
import { COOKIE_PROCEDURES } from '../../shared/auth/cookies.ts';
import { isGateReason } from '../../shared/auth/reasons.ts';
import { cookieProcedure } from './cookie-procedure.ts';
import { IdentityChangedError } from './errors.ts';
import { isRecord } from './record.ts';
import type { Session } from './session.ts';
import { CALL_KEY, NotSentError } from './token-headers.ts';

const dataOf = (error: TRPCClientError<AnyRouter>): Record<string, unknown> => (isRecord(error.data) ? error.data : {});

/**
 * Keeps calls working while the tokens change underneath. A call that the gate refuses, by the reason in its own answer,
 * waits for the one shared refresh and is sent once more: the resolver has not run. Nothing else is ever sent again.
 *
 * Stands anywhere before the terminating links, which take `auth.headers`. Procedures that write cookies go no further: they
 * travel alone, whatever the links behind.
 */
export const sessionLink =
  <TRouter extends AnyRouter>(session: Session): TRPCLink<TRouter> =>
  () =>
  ({ op, next }) =>
    observable((observer) => {
      let isOpen = true;
      let sending: Unsubscribable | null = null;

      const close = (): void => {
        isOpen = false;
        call.close();
        op.signal?.removeEventListener('abort', abort);
        sending?.unsubscribe();
      };
      const fail = (error: Error): void => {
        if (!isOpen) return;
        close();
        observer.error(TRPCClientError.from(error));
      };
      // Only the terminating links watch the signal, so whoever waits before them must.
      const abort = (): void => {
        const reason: unknown = op.signal?.reason;
        fail(reason instanceof Error ? reason : new Error('The call was aborted.'));
      };

      const writesCookies = COOKIE_PROCEDURES.includes(op.path);
      // A sign-in changes the user by itself, and is not dropped for it.
      const call = session.open(writesCookies ? () => undefined : fail);

      const send = (isRetry: boolean): void => {
        const stamped = { ...op, context: { ...op.context, [CALL_KEY]: call } };
        const answers = writesCookies ? cookieProcedure<TRouter>(session, stamped, call) : next(stamped);
        sending = answers.subscribe({
          next: (answer) => observer.next(answer),
          complete() {
            close();
            observer.complete();
          },
          error: (error) => settle(error, isRetry),
        });
      };

      const pass = (error: TRPCClientError<TRouter>): void => {
        fail(error);
        session.refused(call, dataOf(error), error);
      };

      const settle = (failure: TRPCClientError<TRouter>, isRetry: boolean): void => {
        if (!isOpen) return;
        // Nothing has left this page, so nothing is repeated.
        if (failure.cause instanceof NotSentError) {
          return call.isCurrent() ? send(isRetry) : fail(new IdentityChangedError());
        }
        if (isRetry || !isGateReason(dataOf(failure)['reason'])) return pass(failure);

        session.recover(call).then((isRenewed) => {
          if (!isOpen) return;
          if (isRenewed) send(true);
          else pass(failure);
        }, fail);
      };

      if (op.signal?.aborted) {
        abort();
        return close;
      }
      op.signal?.addEventListener('abort', abort);

      const ready = writesCookies ? Promise.resolve() : session.ready();
      ready.then(() => {
        if (isOpen) send(false);
      }, fail);
      return close;
    });
