import { HINT_SIGNED_OUT } from '../../../shared/auth/cookies.ts';

/** What this page has done about the values that the hint had. */
export interface KnownHints {
  /** Whether the value names a session that this page has not seen. Each has one restore here. */
  isNew: (value: string | null) => boolean;
  spend: (value: string | null) => void;
  /** Whether there is nothing left to do about the value: it was restored, or its refresh is on the way. */
  isSettled: (value: string | null) => boolean;
  /** That of the session that this page holds, null without one. */
  held: () => string | null;
  hold: (value: string | null) => void;
  /** A refresh is sent with this value. Should it come to nothing, it is tried again by itself. Undefined: no longer. */
  ask: (value: string | null | undefined) => void;
}

export const createKnownHints = (): KnownHints => {
  const spent = new Set<string>();
  let held: string | null = null;
  let asked: string | null | undefined;

  const isNew = (value: string | null): boolean => value !== null && !spent.has(value);
  const spend = (value: string | null): void => {
    if (value !== null && value !== HINT_SIGNED_OUT) spent.add(value);
  };

  return {
    isNew,
    spend,
    isSettled: (value) => value === held || value === asked || (value !== null && !isNew(value)),
    held: () => held,
    hold(value) {
      held = value;
      spend(value);
      asked = undefined;
    },
    ask(value) {
      asked = value;
    },
  };
};
