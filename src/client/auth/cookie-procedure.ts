import { type Operation, type OperationResultEnvelope, TRPCClientError } from '@trpc/client';
import type { AnyRouter } from '@trpc/server';
import { type Observable, observable } from '@trpc/server/observable';
import type { Call } from './identity.ts';
import { isRecord } from './record.ts';
import type { Session } from './session.ts';

/** The engine has the token. What goes to the caller ends up in caches, and the token has no business there. */
const withoutToken = (data: unknown): unknown =>
  isRecord(data) && 'accessToken' in data ? { ...data, accessToken: '' } : data;

const carryOut = async (session: Session, { path, input, signal }: Operation): Promise<unknown> => {
  if (path === 'auth.logout') {
    await session.signOut();
    return { ok: true };
  }
  if (path === 'auth.refresh') {
    const grant = await session.refresh();
    if (grant !== null) return grant;
  }
  return session.exchange(path, input, signal);
};

/** Answers an operation whose procedure writes cookies through the engine, which adopts the session that it grants. */
export const cookieProcedure = <TRouter extends AnyRouter>(
  session: Session,
  op: Operation,
  call: Call,
): Observable<OperationResultEnvelope<unknown, TRPCClientError<TRouter>>, TRPCClientError<TRouter>> =>
  observable((observer) => {
    session.stamp(call);
    carryOut(session, op).then(
      (data) => {
        observer.next({ result: { type: 'data', data: withoutToken(data) } });
        observer.complete();
      },
      (error: Error) => observer.error(TRPCClientError.from(error)),
    );
  });
