import { createEmitter } from '../internal/emitter.ts';
import type { AuthState, SessionStatus } from './state.ts';

interface Change {
  session?: SessionStatus;
  /** Whether the last refresh came to nothing. */
  failing?: boolean;
  /** Whether the browser says that it has no network. */
  disconnected?: boolean;
}

export interface StateStore {
  get: () => AuthState;
  isFailing: () => boolean;
  /** Calls after each change. Returns an unsubscribe function. */
  subscribe: (listener: () => void) => () => void;
  /** Changes what is given. `first` runs with the new state in place, before anybody hears of it. */
  set: (change: Change, first?: () => void) => void;
}

/**
 * The state that the page shows. It is the same object for as long as it says the same: a refresh that changes nothing
 * renders nothing.
 */
export const createStateStore = (initial: Required<Change>): StateStore => {
  const changes = createEmitter();
  let facts = initial;
  const current = (): AuthState => ({ ...facts.session, offline: facts.failing || facts.disconnected });
  let state = current();

  return {
    get: () => state,
    isFailing: () => facts.failing,
    subscribe: changes.subscribe,
    set(change, first) {
      facts = { ...facts, ...change };
      const old = state;
      if (JSON.stringify(current()) !== JSON.stringify(old)) state = current();
      first?.();
      if (state !== old) changes.emit();
    },
  };
};
