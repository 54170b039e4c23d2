import type { RevocationCause } from './reasons.ts';

/** What rotation knows of a session. Times are milliseconds since the epoch. */
export interface RotationState {
  /** The newest generation made. */
  issued: number;
  /** The newest generation that was presented to make another; 0 after a login. */
  confirmed: number;
  /** When `issued` was made. */
  issuedAt: number;
  /** When `issued` was last handed to someone who did not have it. */
  handedAt: number;
  /** How often the session has forked since it last rotated. */
  forks: number;
  idleEndsAt: number;
  absoluteEndsAt: number;
  revokedCause: RevocationCause | null;
}

/** What a refresh token says that is presented. */
export interface PresentedGeneration {
  /** Its generation, from 1. */
  gen: number;
  /** Its own end, in milliseconds since the epoch. */
  expiresAt: number;
}

export interface RotationPolicy {
  /** How long after a handing-out the previous generation is still answered, in milliseconds. */
  leewayMs: number;
  /** How long a session lives without a refresh, in milliseconds. */
  idleTtlMs: number;
}

export type RotationOutcome =
  | { kind: 'revoked'; cause: RevocationCause }
  | { kind: 'expired' }
  | { kind: 'reuse' }
  /** The caller is answered with generation `next.issued`; `next` is written if it differs from the state. */
  | { kind: 'recover' | 'rotate' | 'fork' | 'replay'; next: RotationState };

/**
 * From how many forks without a rotation between them on an operator is told. Lost answers seldom come in threes; a
 * thief who keeps presenting the token that they stole looks the same, and is not to be overlooked.
 */
export const REPEATED_FORKS = 3;

/** When the session ends unless it is refreshed before. */
export const sessionEndsAt = (state: Pick<RotationState, 'idleEndsAt' | 'absoluteEndsAt'>): number =>
  Math.min(state.idleEndsAt, state.absoluteEndsAt);

/**
 * What is written where whoever presents the newest generation is not handed it back as it stands, since a proof has
 * raised the counter that tokens carry: the window opens anew, as for somebody who did not have it. The answer may
 * arrive behind one that rotated, and take the browser back to what is then the previous generation; without this an
 * honest session ends by it, which the exploration in `src/testing/rotation-explorer` finds.
 */
export const handedAnew = (state: RotationState, now: number): RotationState =>
  now > state.handedAt ? { ...state, handedAt: now } : state;

/**
 * Decides what a refresh does: refresh token rotation with reuse detection (RFC 9700 section 4.14.2), in which a lost
 * response never ends a session. Pure: the store's compare-and-swap and the simulation run this same function.
 *
 * The first rule that fits decides. Two windows guard it: one counted from `handedAt`, so that a client that was
 * answered near its end has as long again to use the answer; and a cap of four leeways from `issuedAt`, so that nobody
 * keeps it open for ever.
 *
 * What a rotation rests on is `issued` and `confirmed`: a replay that comes in between moves `handedAt` alone, and is
 * the same as one that came a moment later. A fork, and the reuse of a void generation, rest on `handedAt` as well:
 * they would void what that replay has handed out.
 */
export const decideRotation = (
  state: RotationState,
  presented: PresentedGeneration,
  now: number,
  { leewayMs, idleTtlMs }: RotationPolicy,
): RotationOutcome => {
  const { issued, confirmed, issuedAt, handedAt, forks, idleEndsAt, absoluteEndsAt } = state;
  const { gen } = presented;
  const fromTheFuture = gen > issued;
  const windowOpen = now - handedAt < leewayMs;

  if (state.revokedCause !== null) return { kind: 'revoked', cause: state.revokedCause };

  const knownIdleEnd = fromTheFuture ? Math.max(idleEndsAt, presented.expiresAt) : idleEndsAt;
  if (now >= Math.min(knownIdleEnd, absoluteEndsAt) || now >= presented.expiresAt) return { kind: 'expired' };

  // Nobody but us signs: a generation that the row does not know of means that the store has lost its last writes.
  if (fromTheFuture) {
    return {
      kind: 'recover',
      next: {
        ...state,
        issued: gen,
        confirmed: Math.max(confirmed, gen - 1),
        issuedAt: now,
        handedAt: now,
        idleEndsAt: Math.min(knownIdleEnd, absoluteEndsAt),
      },
    };
  }

  if (gen < confirmed) return { kind: 'reuse' };

  const successor = { ...state, issued: issued + 1, issuedAt: now, handedAt: now, idleEndsAt: now + idleTtlMs };

  if (gen === issued && (!windowOpen || now - issuedAt >= 4 * leewayMs)) {
    return { kind: 'rotate', next: { ...successor, confirmed: gen, forks: 0 } };
  }

  // The holder never got what came after its token: the response that carried it was lost. What lay between is void.
  if (gen === confirmed && !windowOpen) return { kind: 'fork', next: { ...successor, forks: forks + 1 } };

  if (windowOpen) {
    // Never back: where the clocks of two processes differ, the later one stands.
    const isHandedAnew = gen !== issued && now > handedAt;
    return { kind: 'replay', next: isHandedAnew ? { ...state, handedAt: now } : state };
  }

  return { kind: 'reuse' };
};
