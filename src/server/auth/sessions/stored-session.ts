import type { StoredUser } from '../accounts/stored-user.ts';
import type { RotationState } from './rotation.ts';

/** A session with its user, as one joined statement reads them. */
export interface StoredSession {
  sid: string;
  /** The public id. */
  id: string;
  secHash: string;
  authTime: number;
  state: RotationState;
  user: StoredUser;
}

/**
 * What names a session. By the user it is known where its row lies, also in a table that is partitioned by `user_id`.
 */
export interface SessionName {
  sid: string;
  userId: string;
}
