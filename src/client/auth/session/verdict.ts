import { HINT_SIGNED_OUT } from '../../../shared/auth/cookies.ts';
import type { SessionGrant } from '../../../shared/auth/index.ts';
import { isSessionOverReason } from '../../../shared/auth/reasons.ts';
import { OfflineError } from '../errors.ts';
import { type Answer, isGrant } from '../wire/answer.ts';
import { retryAfterOf } from './backoff.ts';
import { type RenewalFailure, unreachable } from './renewal.ts';
import type { SessionEnd } from './state.ts';

/** What the answer to a refresh means. */
export type Verdict =
  | { grant: SessionGrant }
  /** Someone signed in while it was under way: ask again, as the new session. */
  | 'replaced'
  /** Another tab signed this browser out while it was under way. */
  | 'signed_out'
  | { end: SessionEnd; error: Error }
  | { failure: RenewalFailure };

/** How a session ended, by the refusal's data; null if it did not: only these reasons end one. */
export const sessionEndOf = ({ reason, cause }: Record<string, unknown>): SessionEnd | null => {
  if (!isSessionOverReason(reason)) return null;
  return typeof cause === 'string' ? { reason, cause } : { reason };
};

/**
 * Judges the answer to a refresh by what it says and by the hint before and after. Only a definite answer ends a session:
 * whatever is not understood is a failure that passes.
 */
export const verdictOf = ({
  answer,
  hintSent,
  hintNow,
  isNew,
}: {
  answer: Answer;
  hintSent: string | null;
  hintNow: string | null;
  /** Whether a hint names a session that this page has not seen. */
  isNew: (hint: string | null) => boolean;
}): Verdict => {
  if (hintNow === HINT_SIGNED_OUT) return 'signed_out';
  const isReplaced = hintNow !== hintSent && isNew(hintNow);

  switch (answer.kind) {
    case 'nothing':
      return { failure: unreachable(answer.cause) };
    case 'result':
      if (!isGrant(answer.data)) return { failure: unreachable() };
      // Which of the two sessions the token is of cannot be told. Without a hint before, it is the server that set one now.
      if (isReplaced && hintSent !== null) return 'replaced';
      return { grant: answer.data };
    case 'refusal': {
      const end = sessionEndOf(answer.data);
      if (end !== null) return isReplaced ? 'replaced' : { end, error: answer.error };
      // Only the user can help it, and the message says how.
      const isTheirs = answer.data['reason'] === 'refresh_token_ambiguous';
      const error = isTheirs ? answer.error : new OfflineError(answer.error);
      return { failure: { error, answered: true, retryAfter: retryAfterOf(answer.data) } };
    }
  }
};
