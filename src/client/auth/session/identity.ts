import { IdentityChangedError } from '../errors.ts';
import { createEmitter } from '../internal/emitter.ts';
import { isRecord } from '../internal/record.ts';

/** A user's id, null for nobody, undefined while it is not known yet. */
type UserId = string | null | undefined;

/** One call of the app, from its start to its last answer. */
export interface Call {
  /** The generation of the access token that it was last sent with, null for none. */
  sentWith: number | null;
  /** The session in which it was last sent. */
  sentIn: number | null;
  /** Whether the user of the page is still the one who made it. */
  isCurrent: () => boolean;
  close: () => void;
}

/** Whether it is one, of what an operation's context has under our key. */
export const isCall = (value: unknown): value is Call => isRecord(value) && 'sentIn' in value;

export interface Identity {
  /**
   * Makes the page another user's. Calls of the last one are dropped with the error, and never sent for the new one.
   */
  become: (user: UserId, error?: Error) => void;
  open: (onDropped: (error: Error) => void) => Call;
  onChange: (listener: () => void) => () => void;
}

/** Whose calls these are. */
export const createIdentity = (initial: UserId): Identity => {
  const changes = createEmitter();
  const drops = createEmitter<Error>();
  let current = initial;
  let lastKnown = initial;
  let version = 0;

  return {
    become(user, error = new IdentityChangedError()) {
      if (user === current) return;
      const left = current;
      current = user;

      // A call that was made before it was known whose it is waits for that, and is then theirs.
      if (left !== undefined) version += 1;
      // What nobody sent goes on: it may be the sign-in itself. It only is not sent again as somebody.
      // Who is dropped may call again at once, and that call is the new user's.
      if (typeof left === 'string') drops.emit(error);

      if (user === undefined) return;
      const changed = lastKnown !== undefined && lastKnown !== user;
      lastKnown = user;
      if (changed) changes.emit();
    },

    open(onDropped) {
      const made = version;
      return {
        sentWith: null,
        sentIn: null,
        isCurrent: () => made === version,
        close: drops.subscribe(onDropped),
      };
    },

    onChange: changes.subscribe,
  };
};
