import type { SessionGrant } from '../../../shared/auth/index.ts';
import { isSessionOverReason } from '../../../shared/auth/reasons.ts';
import { OfflineError } from '../errors.ts';
import { isGrant, type Reply } from '../wire/reply.ts';
import { retryAfterMsOf } from './backoff.ts';
import type { HintJudgement } from './hints.ts';
import type { SessionEnd } from './state.ts';

/** Why no token can be had for now. */
export interface RenewalFailure {
  /** What calls that wait for the token fail with. */
  error: Error;
  /** Whether the server itself answered, so that calls which need no token may get through. */
  answered: boolean;
  /** Before which the server wants no other attempt. */
  retryAfterMs: number;
}

/** What the answer to a refresh means. */
export type Verdict =
  | { grant: SessionGrant }
  /** Someone signed in while it was under way: ask again, as the new session. */
  | 'replaced'
  /** Another tab signed this browser out while it was under way. */
  | 'signed_out'
  | { end: SessionEnd; error: Error }
  | { failure: RenewalFailure };

export const failedBy = (error: Error): RenewalFailure => ({ error, answered: false, retryAfterMs: 0 });

/** No answer, or none that can be understood. */
export const unreachable = (cause?: unknown): RenewalFailure => failedBy(new OfflineError(cause));

/** How a session ended, by the refusal's data; null if it did not: only these reasons end one. */
export const sessionEndOf = ({ reason, cause }: Record<string, unknown>): SessionEnd | null => {
  if (!isSessionOverReason(reason)) return null;
  return typeof cause === 'string' ? { reason, cause } : { reason };
};

/**
 * Judges the answer to a refresh by what it says and by the hint before and after. Only a definite answer ends a
 * session: whatever is not understood is a failure that passes.
 */
export const verdictOf = ({
  reply,
  hintSent,
  hintNow,
  judgement,
}: {
  reply: Reply;
  hintSent: string | null;
  hintNow: string | null;
  /** Of the hint now. */
  judgement: HintJudgement;
}): Verdict => {
  if (judgement === 'out') return 'signed_out';
  const isReplaced = hintNow !== hintSent && judgement === 'new';

  switch (reply.kind) {
    case 'nothing':
      return { failure: unreachable(reply.cause) };
    case 'result':
      if (!isGrant(reply.data)) return { failure: unreachable() };
      // Which of the two sessions the token is of cannot be told. Without a hint before, it is the server that set one
      // now.
      if (isReplaced && hintSent !== null) return 'replaced';
      return { grant: reply.data };
    case 'refusal': {
      const end = sessionEndOf(reply.data);
      if (end !== null) return isReplaced ? 'replaced' : { end, error: reply.error };
      // Only the user can help it, and the message says how.
      const isTheirs = reply.data['reason'] === 'refresh_token_ambiguous';
      const error = isTheirs ? reply.error : new OfflineError(reply.error);
      return { failure: { error, answered: true, retryAfterMs: retryAfterMsOf(reply.data) } };
    }
  }
};
