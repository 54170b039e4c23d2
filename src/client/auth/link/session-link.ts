import { TRPCClientError, type TRPCLink } from '@trpc/client';
import type { AnyRouter } from '@trpc/server';
import { observable } from '@trpc/server/observable';
import type { ReauthenticationDemand } from '../../../shared/auth/proofs.ts';
import { isGateReason } from '../../../shared/auth/reasons.ts';
import type { AuthEnvironment } from '../environment.ts';
import { IdentityChangedError } from '../errors.ts';
import type { Calls } from './calls.ts';
import { cookieProcedure, withoutToken } from './cookie-procedure.ts';
import { createOperationRun, refusalDataOf } from './operation-run.ts';
import { demandIn, type Reauthentication } from './reauthentication.ts';
import { endWithUser } from './streamed.ts';
import { followSubscription } from './subscription.ts';
import { NotSentError } from './token-headers.ts';

/**
 * Keeps calls working while the tokens change underneath. A call that the gate refuses, by the reason in its own
 * answer, waits for the one shared refresh and is sent once more: the resolver has not run. One that asks for a fresh
 * proof waits for the person in the same way. Nothing else is ever sent again, but subscriptions: they go on after
 * whatever they heard last.
 *
 * Stands anywhere before the terminating links, which take `auth.headers`. Mutations of the router `auth` may write
 * cookies, and go no further: they travel alone, whatever the links behind.
 */
export const sessionLink =
  <TRouter extends AnyRouter>(
    calls: Calls,
    environment: AuthEnvironment,
    reauthentication: Reauthentication,
  ): TRPCLink<TRouter> =>
  () =>
  ({ op, next }) =>
    observable((observer) => {
      if (op.type === 'subscription') return followSubscription(calls, environment, op, next, observer);

      const travelsAlone = op.type === 'mutation' && op.path.startsWith('auth.');
      // A sign-in changes the user by itself, and is not dropped for it.
      let outlivesUser = travelsAlone;
      // A query may be one that nobody asked for: a refetch in the background opens no dialog.
      let mayPrompt = op.type === 'mutation' || op.context['prompt'] === true;
      let stopHolding: (() => void) | undefined;
      const run = createOperationRun<TRouter>(
        calls,
        op,
        observer,
        () => stopHolding?.(),
        () => outlivesUser,
      );
      const { call } = run;

      const send = (isRetry: boolean): void => {
        outlivesUser = travelsAlone;
        const failed = (error: Error): void => settle(TRPCClientError.from(error), isRetry);
        if (travelsAlone) {
          return run.wait(
            cookieProcedure(calls, op, call),
            (data) => {
              observer.next({ result: { type: 'data', data: withoutToken(data) } });
              run.end();
            },
            failed,
          );
        }
        run.send(() => next(run.op), {
          next(envelope) {
            endWithUser(envelope.result.data, call, calls.identity);
            observer.next(envelope);
          },
          error: failed,
        });
      };

      /** Keeps the call until its person has proven who they are, and sends it once more. */
      const hold = (demand: ReauthenticationDemand, failure: TRPCClientError<TRouter>): void => {
        if (!mayPrompt || !reauthentication.isHandled()) return run.refuse(failure);
        // A tab that nobody sees asks nobody. Once it is seen, the proof may have been given in another one.
        if (!environment.isVisible()) {
          stopHolding = environment.onWake(() => {
            stopHolding?.();
            send(false);
          });
          return;
        }
        mayPrompt = false;
        const { proven, leave } = reauthentication.join(demand);
        stopHolding = leave;
        run.wait(
          proven,
          () => send(false),
          () => run.refuse(failure),
        );
      };

      const settle = (failure: TRPCClientError<TRouter>, isRetry: boolean): void => {
        // Nothing has left this page, so nothing is repeated.
        if (failure.cause instanceof NotSentError) {
          return call.isCurrent() ? send(isRetry) : run.fail(new IdentityChangedError());
        }
        const data = refusalDataOf(failure);
        const demand = demandIn(data);
        if (!demand && !isGateReason(data['reason'])) return run.refuse(failure);
        // It needed its user after all, so while it waits it is dropped with them like any call.
        outlivesUser = false;
        if (travelsAlone && !call.isCurrent()) return run.fail(new IdentityChangedError());
        // What was refused for a token that is no longer the newest may pass with that one.
        const isNewest = call.sentWith === calls.token()?.generation;
        if (demand && (isRetry || isNewest)) return hold(demand, failure);
        if (isRetry) return run.refuse(failure);

        run.wait(calls.recover(call), (isRenewed) => {
          if (isRenewed) send(true);
          else run.refuse(failure);
        });
      };

      run.wait(travelsAlone ? Promise.resolve() : calls.ready(), () => send(false));
      return run.close;
    });
