import { randomUUID } from 'node:crypto';
import { identifierKey, type Role } from '../../../shared/auth/index.ts';
import type { AuthDatabase } from '../tables.ts';
import type { StoredUser, TakenIdentifier, UserStore } from './user-store.ts';

/** An account as an app brings it along. */
export interface NewAccount {
  username: string;
  email: string;
  /** As the `Passwords` in use made it, or can at least verify it: an outdated hash is renewed at the next login. */
  passwordHash: string;
  /** Default: a random UUID. An app that has users of its own gives theirs, and keeps its own data under it. */
  id?: string;
  /** Default: `['user']`. */
  roles?: readonly Role[];
}

/** The row of a new account, and the device that it was made from. `insert` says which identifier is taken, if one is. */
export const draftAccount = (
  users: UserStore,
  { username, email, passwordHash, id = randomUUID(), roles = ['user'] }: NewAccount,
  now: number,
) => {
  const user = { id, username, email, roles: roles.join(','), created_at: now };
  const keys = { username_key: identifierKey(username), email_key: identifierKey(email) };
  const stored: StoredUser = { ...user, email_verified_at: null, ver: 1, disabled_at: null };
  return {
    user: stored,
    insert: async (db: AuthDatabase, deviceHash?: string): Promise<TakenIdentifier | undefined> => {
      if (await users.insert(db, { ...user, ...keys, password_hash: passwordHash }, deviceHash)) return undefined;
      return (await users.findTaken(db, keys)) ?? 'username_taken';
    },
  };
};
