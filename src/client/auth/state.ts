import type { RevocationCause, SessionOverReason, User } from '../../shared/auth/index.ts';

/** Why the last session of this page ended. `cause` stands beside `session_revoked`. */
export interface SessionEnd {
  reason: SessionOverReason | 'signed_out';
  cause?: RevocationCause;
}

/**
 * Who is signed in, as far as this page knows. `offline` is true while the session cannot be renewed (no network, or a server
 * in trouble): the session is kept, and the engine goes on trying.
 */
export type AuthState =
  | { status: 'restoring'; offline: boolean }
  | { status: 'anonymous'; offline: boolean; ended: SessionEnd | null }
  | { status: 'authenticated'; offline: boolean; user: User };

const sameContent = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** The old state again if the new one says the same, so that a refresh that changes nothing renders nothing. */
export const settledState = (old: AuthState, next: AuthState): AuthState => (sameContent(old, next) ? old : next);
