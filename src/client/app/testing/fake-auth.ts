import type { AuthClient, AuthState, ReauthenticationHandler } from 'latchkey/client';
import type { User } from 'latchkey/shared';
import { scriptedLink } from './scripted-link.ts';

export interface FakeAuth extends AuthClient {
  /** What the engine learns by itself: a session that ended, a connection that is back. */
  set: (state: AuthState) => void;
  /** Opens a prompt, as a call does that needs a fresh proof. Settles as the prompt does. */
  ask: () => Promise<void>;
}

export interface FakeAuthOptions {
  state: AuthState;
  signIn?: AuthClient['signIn'];
  signUp?: AuthClient['signUp'];
  /** What the server answers to a proof: `auth.reauthenticate`. */
  reauthenticate?: (input: unknown) => unknown;
}

const userOf = (state: AuthState): User | null => (state.status === 'authenticated' ? state.user : null);

const unscripted = (): Promise<never> => Promise.reject(new Error('This test scripts no such call.'));

/** A session engine without a server, whose states a test sets. */
export const createFakeAuth = ({
  state: initial,
  signIn = unscripted,
  signUp = unscripted,
  reauthenticate = unscripted,
}: FakeAuthOptions): FakeAuth => {
  let state = initial;
  const listeners = new Set<() => void>();
  const identityListeners = new Set<() => void>();
  const handlers: ReauthenticationHandler[] = [];

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
    link: () => scriptedLink({ 'auth.reauthenticate': reauthenticate }),
    httpOptions() {
      throw new Error('This test sends nothing.');
    },
    headers: () => ({}),
    eventSourceOptions: () => ({ fetch }),
    getState: () => state,
    subscribe: listen(listeners),
    onIdentityChange: listen(identityListeners),
    onReauthenticate(handler) {
      handlers.push(handler);
      return () => void handlers.splice(handlers.indexOf(handler), 1);
    },
    async ask() {
      const controller = new AbortController();
      const asked = handlers.at(-1)?.({ maxAge: 600, methods: ['password'], signal: controller.signal });
      try {
        await asked;
      } finally {
        controller.abort();
      }
    },
    signIn: entering(signIn),
    signUp: entering(signUp),
    signOut: async () => set({ status: 'anonymous', offline: false, ended: { reason: 'signed_out' } }),
  };
};
