import { HINT_SIGNED_OUT } from '../../../shared/auth/cookies.ts';
import type { SessionGrant } from '../../../shared/auth/index.ts';
import type { AuthEnvironment } from '../environment.ts';
import { type AccessToken, accessTokenOf } from './access-token.ts';
import { createIdentity, type Identity } from './identity.ts';
import { createKnownHints, type KnownHints } from './known-hints.ts';
import type { AuthState, SessionEnd } from './state.ts';
import { createStateStore, type StateStore } from './state-store.ts';

/** What this page holds of a session: who is signed in, their token, and the hint that goes with both. */
export interface Holding {
  state: Omit<StateStore, 'set'>;
  /** Whether the last refresh came to nothing, and whether the browser says that it has no network. */
  mark: (marks: { failing?: boolean; disconnected?: boolean }) => void;
  is: (status: AuthState['status']) => boolean;
  identity: Omit<Identity, 'become'>;
  hints: Omit<KnownHints, 'hold'>;
  token: () => AccessToken | null;
  /** Counts the sessions of this page, and the times between them. An answer from an earlier one changes nothing. */
  epoch: () => number;
  /** Takes over what the server grants: more of the session that is held, or a new one. */
  adopt: (grant: SessionGrant, sentAt: number, isNew: boolean) => void;
  /** Forgets the session, here and at once. */
  leave: (ended: SessionEnd, error?: Error) => void;
  /** Somebody else's session has taken the place of ours. Whose it is will be known with its token. */
  supersede: () => void;
  /** Nobody was signed in here, and now somebody is. */
  expect: () => void;
}

export const createHolding = (
  environment: Pick<AuthEnvironment, 'hint' | 'random' | 'isOnline'>,
  /** Comes before anybody hears of the new state. */
  onToken: (token: AccessToken | null) => void,
  onChanged: () => void,
): Holding => {
  const { hint, random } = environment;
  const initialHint = hint.read();
  const isRestorable = initialHint !== null && initialHint !== HINT_SIGNED_OUT;

  const hints = createKnownHints();
  const identity = createIdentity(isRestorable ? undefined : null);
  const state = createStateStore({
    standing: isRestorable ? { status: 'restoring' } : { status: 'anonymous', ended: null },
    failing: false,
    disconnected: !environment.isOnline(),
  });
  let token: AccessToken | null = null;
  let generation = 0;
  let epoch = 0;

  return {
    state,
    mark: state.set,
    is: (status) => state.get().status === status,
    identity,
    hints,
    token: () => token,
    epoch: () => epoch,

    adopt(grant, sentAt, isNew) {
      // A server out of reach of our hint: the mark of the last sign-out must not end this session.
      if (isNew && hint.read() === HINT_SIGNED_OUT) hint.remove();
      const value = hint.read();
      if (isNew || value !== hints.held()) epoch += 1;
      hints.hold(value);
      generation += 1;
      token = accessTokenOf(grant, generation, sentAt, random);
      onToken(token);
      const { user } = grant;
      state.set({ standing: { status: 'authenticated', user }, failing: false, disconnected: false }, () =>
        identity.become(user.id),
      );
      onChanged();
    },

    leave(ended, error) {
      epoch += 1;
      hints.hold(null);
      token = null;
      onToken(null);
      state.set({ standing: { status: 'anonymous', ended }, failing: false }, () => identity.become(null, error));
      onChanged();
    },

    supersede() {
      epoch += 1;
      token = null;
    },

    expect() {
      identity.become(undefined);
      state.set({ standing: { status: 'restoring' } });
    },
  };
};
