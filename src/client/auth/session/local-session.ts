import type { SessionGrant } from '../../../shared/auth/index.ts';
import type { AuthEnvironment } from '../environment.ts';
import { createEmitter } from '../internal/emitter.ts';
import { type AccessToken, accessTokenOf } from './access-token.ts';
import type { Hints } from './hints.ts';
import { createIdentity, type Identity } from './identity.ts';
import type { AuthState, SessionEnd } from './state.ts';
import { createStateStore, type StateStore } from './state-store.ts';

/**
 * What this page holds of a session: who is signed in, and their token. A change has its order: `beforeChange` hears of
 * the token, the state is put in place, calls of a user who left are dropped, `identity.onChange` and then
 * `state.subscribe` hear of it, and the other tabs last.
 */
export interface LocalSession {
  state: Omit<StateStore, 'set'>;
  is: (status: AuthState['status']) => boolean;
  identity: Omit<Identity, 'become'>;
  token: () => AccessToken | null;
  /** Counts the sessions of this page, and the times between them. What is said of an earlier one changes nothing. */
  epoch: () => number;
  /** The token is another one, or none: what waits for the old one's end is over. */
  beforeChange: (listener: () => void) => void;
  /** Whether the last refresh came to nothing, and whether the browser says that it has no network. */
  mark: (marks: { failing?: boolean; disconnected?: boolean }) => void;
  /** Takes over what the server grants: more of the session that is held, or a new one. */
  adopt: (grant: SessionGrant, sentAt: number, isNew: boolean) => void;
  /** Forgets the session, here and at once. */
  leave: (ended: SessionEnd, error?: Error) => void;
  /** Somebody else's session has taken the place of ours. Whose it is will be known with its token. */
  supersede: () => void;
  /** Nobody was signed in here, and now somebody is. */
  expect: () => void;
}

export const createLocalSession = (
  { random, isOnline, channel }: Pick<AuthEnvironment, 'random' | 'isOnline' | 'channel'>,
  hints: Hints,
): LocalSession => {
  const isRestorable = hints.judge() === 'new';
  const identity = createIdentity(isRestorable ? undefined : null);
  const state = createStateStore({
    session: isRestorable ? { status: 'restoring' } : { status: 'anonymous', ended: null },
    failing: false,
    disconnected: !isOnline(),
  });
  const before = createEmitter();
  let token: AccessToken | null = null;
  let generation = 0;
  let epoch = 0;

  const setToken = (next: AccessToken | null): void => {
    token = next;
    before.emit();
  };

  return {
    state,
    is: (status) => state.get().status === status,
    identity,
    token: () => token,
    epoch: () => epoch,
    beforeChange: before.subscribe,
    mark: state.set,

    adopt(grant, sentAt, isNew) {
      const isOther = hints.hold(isNew);
      if (isNew || isOther) epoch += 1;
      generation += 1;
      setToken(accessTokenOf(grant, generation, sentAt, random));
      const { user } = grant;
      state.set({ session: { status: 'authenticated', user }, failing: false, disconnected: false }, () =>
        identity.become(user.id),
      );
      channel?.notify();
    },

    leave(ended, error) {
      epoch += 1;
      hints.release();
      setToken(null);
      state.set({ session: { status: 'anonymous', ended }, failing: false }, () => identity.become(null, error));
      channel?.notify();
    },

    supersede() {
      epoch += 1;
      setToken(null);
    },

    expect() {
      identity.become(undefined);
      state.set({ session: { status: 'restoring' } });
    },
  };
};
