'use client';

/**
 * The auth client in React, 18 or 19: `AuthProvider` around the app, and `useAuth` below it.
 *
 * @packageDocumentation
 */
import { type ReactElement, type ReactNode, useMemo, useSyncExternalStore } from 'react';
import type { AuthClient } from '../auth-client.ts';
import type { AuthState } from '../session/state.ts';
import { AuthContext, useAuthClient } from './auth-context.ts';

/** The auth state, with what changes it. */
export type UseAuth = AuthState & Pick<AuthClient, 'signIn' | 'signUp' | 'signOut'>;

/** What a server renders, and a page that hydrates it must meet, however much it knows already. */
const RENDERED: AuthState = { status: 'restoring', offline: false };
const getRendered = (): AuthState => RENDERED;

/**
 * Makes `auth` known to `useAuth`, and starts it. Starts nothing on a server that renders the page.
 *
 * @example
 * <AuthProvider auth={auth}><App /></AuthProvider>
 */
export const AuthProvider = ({ auth, children }: { auth: AuthClient; children: ReactNode }): ReactElement => {
  // What happens over time happens in the engine, not in effects. Idempotent, so another render restores nothing twice,
  // StrictMode's second one included.
  auth.start();
  // React 18 has no context that is an element by itself.
  return <AuthContext.Provider value={auth}>{children}</AuthContext.Provider>;
};

/**
 * Returns the auth state, discriminated by `status`, with `signIn`, `signUp` and `signOut`. The component renders again
 * when the state changes.
 *
 * @throws Error without an `AuthProvider` above.
 * @example
 * const session = useAuth();
 * if (session.status === 'restoring') return null;
 * if (session.status === 'anonymous') return <SignIn onSubmit={session.signIn} />;
 * return <p>{session.user.username}</p>;
 */
export const useAuth = (): UseAuth => {
  const auth = useAuthClient('useAuth');
  const state = useSyncExternalStore(auth.subscribe, auth.getState, getRendered);
  return useMemo(() => ({ ...auth, ...state }), [state, auth]);
};
