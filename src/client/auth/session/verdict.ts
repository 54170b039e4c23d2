import type { SessionGrant } from '../../../shared/auth/index.ts';
import { isSessionOverReason } from '../../../shared/auth/reasons.ts';
import { chainDataOf, OfflineError } from '../errors.ts';
import { isGrant, type Reply } from '../wire/reply.ts';
import type { HintJudgement } from './hints.ts';
import type { SessionEnd } from './state.ts';

/** What the answer to a refresh means. */
export type Verdict =
  | { grant: SessionGrant }
  /** Someone signed in while it was under way: ask again, as the new session. */
  | 'replaced'
  /** Another tab signed this browser out while it was under way. */
  | 'signed_out'
  | { end: SessionEnd; error: Error }
  /** No token can be had for now: what calls that wait for one fail with. */
  | { failure: Error };

/** How a session ended, by the refusal's data; null if it did not: only these reasons end one. */
export const sessionEndOf = ({ reason, cause }: Record<string, unknown>): SessionEnd | null => {
  if (!isSessionOverReason(reason)) return null;
  return typeof cause === 'string' ? { reason, cause } : { reason };
};

/**
 * Judges the answer to a refresh by what it says and by the hint before and after. Only a definite answer ends a
 * session: whatever is not understood is a failure that passes.
 */
export const verdictOf = (
  reply: Reply,
  hintSent: string | null,
  hintNow: string | null,
  /** Of the hint now. */
  judgement: HintJudgement,
): Verdict => {
  if (judgement === 'out') return 'signed_out';
  const isReplaced = hintNow !== hintSent && judgement === 'new';

  if ('data' in reply) {
    if (!isGrant(reply.data)) return { failure: new OfflineError() };
    // Which of the two sessions the token is of cannot be told. Without a hint before, it is the server that set one
    // now.
    return isReplaced && hintSent !== null ? 'replaced' : { grant: reply.data };
  }
  const { error } = reply;
  const data = chainDataOf(error);
  const end = sessionEndOf(data);
  if (end !== null) return isReplaced ? 'replaced' : { end, error };
  // Only the user can help it, and the message says how.
  return { failure: data['reason'] === 'refresh_token_ambiguous' ? error : new OfflineError(error) };
};
