import { HINT_SIGNED_OUT } from '../../../shared/auth/cookies.ts';
import type { HintStore } from '../environment.ts';

/** What the hint says to this page at this moment. */
export type HintJudgement =
  /** There is no hint, and the session that this page holds, if any, has none either. */
  | 'none'
  /** The hint of the session that this page holds is gone, which proves nothing. */
  | 'gone'
  /** This browser was signed out and nobody has signed in since, also if the server has not heard of it yet. */
  | 'out'
  /** It names the session that this page holds. */
  | 'held'
  /** It names a session that this page has held or asked for before, and is done with. */
  | 'seen'
  /** It names a session that this page has not seen. Each has one restore here. */
  | 'new';

/** The hint, with what this page has done about the values that it had. */
export interface Hints {
  judge: () => HintJudgement;
  /** The value itself, by which a refresh knows whether it changed meanwhile. */
  read: () => string | null;
  /**
   * This page now holds the session of the hint, which the server has set, or the page itself where that is out of its
   * reach. Returns whether that is another one than before.
   * @param isNew whether the session has just begun.
   */
  hold: (isNew: boolean) => boolean;
  /** This page holds none any more. */
  release: () => void;
  /** Signs this browser out, over reloads too. The session that the hint named is not restored again. */
  markOut: () => void;
  /**
   * The session of the value is over, by default the one that is held. Removes the hint, unless it changed: a deletion
   * that comes late signs out the winner of a race.
   */
  discard: (value?: string | null) => void;
}

/** @param store null where there is no page: who is signed in is for the page to find out that is rendered there. */
export const createHints = (store: HintStore | null): Hints => {
  const seen = new Set<string | null>();
  let held: string | null = null;

  const read = (): string | null => (store ? store.read() : '?');

  return {
    judge() {
      const value = read();
      if (value === HINT_SIGNED_OUT) return 'out';
      if (value === null) return held === null ? 'none' : 'gone';
      if (value === held) return 'held';
      return seen.has(value) ? 'seen' : 'new';
    },
    read,
    hold(isNew) {
      const before = held;
      if (isNew || read() === null) store?.renew?.();
      held = read();
      seen.add(held);
      return held !== before;
    },
    release() {
      held = null;
    },
    markOut() {
      seen.add(read());
      store?.write(HINT_SIGNED_OUT);
    },
    discard(value = held) {
      seen.add(value);
      if (value !== null && value === read()) store?.remove();
    },
  };
};
