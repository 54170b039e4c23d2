'use client';

import { createContext, type ReactElement, type ReactNode, useContext, useMemo, useSyncExternalStore } from 'react';
import type { AuthClient } from '../auth-client.ts';
import type { AuthState } from '../session/state.ts';

export type UseAuth = AuthState & Pick<AuthClient, 'signIn' | 'signUp' | 'signOut'>;

/** What a server renders, and a page that hydrates it must meet, however much it knows already. */
const RENDERED: AuthState = { status: 'restoring', offline: false };
const getRendered = (): AuthState => RENDERED;

const AuthContext = createContext<AuthClient | null>(null);

/**
 * Makes `auth` known to `useAuth`, and starts it. Everything that happens over time happens in the engine, not in
 * effects.
 */
export const AuthProvider = ({ auth, children }: { auth: AuthClient; children: ReactNode }): ReactElement => {
  // Idempotent, so another render restores nothing twice, StrictMode's second one included.
  auth.start();
  // React 18 has no context that is an element by itself.
  return <AuthContext.Provider value={auth}>{children}</AuthContext.Provider>;
};

/** The auth state, discriminated by `status`, with what changes it. Renders again when the state changes. */
export const useAuth = (): UseAuth => {
  const auth = useContext(AuthContext);
  if (!auth) throw new Error('useAuth needs an AuthProvider.');
  const state = useSyncExternalStore(auth.subscribe, auth.getState, getRendered);
  return useMemo(() => ({ ...auth, ...state }), [state, auth]);
};
