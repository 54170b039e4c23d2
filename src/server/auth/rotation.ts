import type { RevocationCause } from '../../shared/auth/index.ts';

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
  idleEndsAt: number;
  absoluteEndsAt: number;
  revokedCause: RevocationCause | null;
}

/** An authentic refresh token, as far as rotation is concerned. */
export interface PresentedToken {
  /** Its generation, from 1. */
  gen: number;
  /** Its own end, in milliseconds since the epoch. */
  expiresAt: number;
}

export interface RotationPolicy {
  /** How long after a handing-out the previous generation is still answered, in milliseconds. */
  leeway: number;
  /** How long a session lives without a refresh, in milliseconds. */
  idleTtl: number;
}

export type RotationOutcome =
  | { kind: 'revoked'; cause: RevocationCause }
  | { kind: 'expired' }
  | { kind: 'reuse' }
  /** The caller is answered with generation `next.issued`; `next` is written if it differs from the state. */
  | { kind: 'recover' | 'rotate' | 'fork' | 'replay'; next: RotationState };

/** The largest generation that a token may carry: its successor still fits a 32-bit integer column. */
export const MAX_GENERATION = 2 ** 31 - 2;

/** When the session ends unless it is refreshed before. */
export const sessionEndsAt = (state: Pick<RotationState, 'idleEndsAt' | 'absoluteEndsAt'>): number =>
  Math.min(state.idleEndsAt, state.absoluteEndsAt);

/**
 * Decides what a refresh does: refresh token rotation with reuse detection (RFC 9700 section 4.14.2), in which a lost response
 * never ends a session. Pure: the store's compare-and-swap and the simulation run this same function.
 *
 * The first rule that fits decides. Two windows guard it: one counted from `handedAt`, so that whoever was answered near its
 * end has as long again to use the answer; and a cap of four leeways from `issuedAt`, so that nobody keeps it open for ever.
 */
export const decideRotation = (
  state: RotationState,
  presented: PresentedToken,
  now: number,
  { leeway, idleTtl }: RotationPolicy,
): RotationOutcome => {
  const { issued, confirmed, issuedAt, handedAt, idleEndsAt, absoluteEndsAt } = state;
  const { gen } = presented;
  const fromTheFuture = gen > issued;
  const windowOpen = now - handedAt < leeway;

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

  const successor = { ...state, issued: issued + 1, issuedAt: now, handedAt: now, idleEndsAt: now + idleTtl };

  if (gen === issued && (!windowOpen || now - issuedAt >= 4 * leeway)) {
    return { kind: 'rotate', next: { ...successor, confirmed: gen } };
  }

  // The holder never got what came after its token: the response that carried it was lost. What lay between is void.
  if (gen === confirmed && !windowOpen) return { kind: 'fork', next: successor };

  if (windowOpen) {
    const handedToAnother = gen !== issued && now - handedAt > leeway / 3;
    return { kind: 'replay', next: handedToAnother ? { ...state, handedAt: now } : state };
  }

  return { kind: 'reuse' };
};
