import type { Operation } from '@trpc/client';
import { IdentityChangedError } from '../errors.ts';
import { isRecord } from '../internal/record.ts';
import type { Call } from '../session/identity.ts';
import type { Calls } from './calls.ts';

/** The engine has the token. What goes to the caller ends up in caches, and the token has no business there. */
export const withoutToken = (data: unknown): unknown =>
  isRecord(data) && 'accessToken' in data ? { ...data, accessToken: '' } : data;

type Engine = Pick<Calls, 'exchange' | 'isSignedOut' | 'refresh' | 'signOut' | 'stamp' | 'token'>;

/** Carries out a mutation of the router `auth` through the engine, which adopts the session that it grants. */
export const cookieProcedure = async (
  calls: Engine,
  { path, input, signal }: Operation,
  call: Call,
): Promise<unknown> => {
  if (path === 'auth.logout') {
    await calls.signOut();
    return { ok: true };
  }
  if (path === 'auth.refresh') {
    const grant = await calls.refresh();
    if (grant) return grant;
    // The server may not have heard of the sign-out yet, and its cookie would still do.
    if (calls.isSignedOut()) throw new IdentityChangedError();
  }
  const data = await calls.exchange(path, input, signal, () => {
    calls.stamp(call);
    // Others may have signed in since it was made: it is never sent as one of them.
    return call.isCurrent() ? calls.token()?.grant.accessToken : undefined;
  });
  // Nobody has to find out by a refusal that there is no account any more, in the other tabs neither.
  if (path === 'auth.deleteAccount') void calls.signOut();
  return data;
};
