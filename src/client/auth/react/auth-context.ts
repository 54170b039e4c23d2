'use client';

import { createContext, useContext } from 'react';
import type { AuthClient } from '../auth-client.ts';

export const AuthContext = createContext<AuthClient | null>(null);

/** @param hook the name of the hook that asks, for the words of the error. */
export const useAuthClient = (hook: string): AuthClient => {
  const auth = useContext(AuthContext);
  if (!auth) throw new Error(`${hook} needs an AuthProvider.`);
  return auth;
};
