import type { AuthClient, AuthState } from 'latchkey/client';
import type { User } from 'latchkey/shared';

export interface FakeAuth extends AuthClient {
  /** What the engine learns by itself: a session that ended, a connection that is back. */
  set: (state: AuthState) => void;
}

export interface FakeAuthOptions {
  state: AuthState;
  signIn?: AuthClient['signIn'];
  signUp?: AuthClient['signUp'];
}

const userOf = (state: AuthState): User | null => (state.status === 'authenticated' ? state.user : null);

const unscripted = (): Promise<never> => Promise.reject(new Error('This test scripts no such call.'));

/** A session engine without a server, whose states a test sets. */
export const createFakeAuth = ({
  state: initial,
  signIn = unscripted,
  signUp = unscripted,
}: FakeAuthOptions): FakeAuth => {
  let state = initial;
  const listeners = new Set<() => void>();
  const identityListeners = new Set<() => void>();

  const set = (next: AuthState): void => {
    const changed = userOf(state)?.id !== userOf(next)?.id;
    state = next;
    if (changed) for (const listener of identityListeners) listener();
    for (const listener of listeners) listener();
  };

  const listen = (all: Set<() => void>) => (listener: () => void) => {
    all.add(listener);
    return () => {
      all.delete(listener);
    };
  };

  const entering =
    <Input>(enter: (input: Input) => Promise<User>) =>
    async (input: Input): Promise<User> => {
      const user = await enter(input);
      set({ status: 'authenticated', offline: false, user });
      return user;
    };

  return {
    set,
    start: () => {},
    stop: () => {},
    settled: async () => state,
    sync: () => {},
    links: () => [],
    link:
      () =>
      () =>
      ({ op, next }) =>
        next(op),
    httpOptions() {
      throw new Error('This test sends nothing.');
    },
    headers: () => ({}),
    eventSourceOptions: () => ({ fetch }),
    getState: () => state,
    subscribe: listen(listeners),
    onIdentityChange: listen(identityListeners),
    onReauthenticate: () => () => {},
    signIn: entering(signIn),
    signUp: entering(signUp),
    signOut: async () => set({ status: 'anonymous', offline: false, ended: { reason: 'signed_out' } }),
  };
};
