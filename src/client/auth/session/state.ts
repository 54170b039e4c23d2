import type { RevocationCause, SessionOverReason, User } from '../../../shared/auth/index.ts';

/** Why the last session of this page ended. `cause` stands beside `session_revoked`. */
export interface SessionEnd {
  reason: SessionOverReason | 'signed_out';
  cause?: RevocationCause;
}

/** Who is signed in, as far as this page knows. */
export type SessionStatus =
  | { status: 'restoring'; user?: undefined }
  | { status: 'anonymous'; ended: SessionEnd | null; user?: undefined }
  | { status: 'authenticated'; user: User };

/**
 * Who is signed in, and a mark on the side: `offline` is true while the session cannot be renewed (no network, or a
 * server in trouble). The session is kept, and the engine goes on trying.
 */
export type AuthState = SessionStatus & { offline: boolean };
