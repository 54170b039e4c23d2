import { type Amr, withProof } from '../../../shared/auth/proofs.ts';
import type { FreshProof } from './fresh-proof.ts';
import { provenBy } from './granting.ts';
import { handedAnew, type RotationOutcome, type RotationState } from './rotation.ts';
import type { StoredSession } from './stored-session.ts';

/** A proof that a refresh carries. */
export interface CarriedProof {
  amr: readonly Amr[];
  /** SHA-256 of the cookie that comes with it. */
  hash: string;
}

/** What a refresh makes of a session. */
export interface NextStep {
  state: RotationState;
  /** Where the counter of proofs is raised: to what, and what is proven then. */
  raised?: { sver: number; at: number; fresh: FreshProof | undefined };
}

/**
 * What is written of a refresh that `decideRotation` lets through.
 *
 * A proof raises the counter, so that all access tokens from before are stale: also those of a thief. A refresh token
 * whose counter is above the row's has lost its proof to a failover, and raises it too, with nothing proven.
 */
export const nextStep = (
  session: StoredSession,
  outcome: Extract<RotationOutcome, { next: RotationState }>,
  {
    token,
    cookie,
    proof,
    now,
  }: { token: { gen: number; sver: number }; cookie: string | undefined; proof: CarriedProof | undefined; now: number },
): NextStep => {
  const known = Math.max(session.sver, token.sver);
  const sver = proof === undefined ? known : known + 1;
  // The newest token carries the counter, and cannot be handed back as it stands where that is another one.
  const isSignedAnew = outcome.kind === 'replay' && token.gen === session.state.issued && token.sver !== sver;
  const state = isSignedAnew ? handedAnew(outcome.next, now) : outcome.next;
  if (sver === session.sver) return { state };
  const times = proof && withProof(provenBy(session, cookie, now) ?? {}, proof.amr, now);
  return { state, raised: { sver, at: now, fresh: times && { hash: proof.hash, at: now, times } } };
};
