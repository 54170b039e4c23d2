import { randomUUID } from 'node:crypto';
import type { AuthMethod, Role } from '../../../shared/auth/index.ts';
import type { AuthDatabase } from '../store/tables.ts';
import type { AccountStore, TakenIdentifier } from './account-store.ts';
import { keysOf } from './identifier-keys.ts';
import type { StoredUser } from './stored-user.ts';

export interface NewAccount {
  /** None where people sign in by their address alone. */
  username?: string;
  email: string;
  /**
   * An app that has users of its own gives theirs, and keeps its own data under it.
   * @default a random UUID
   */
  id?: string;
  /** What it can prove itself by from the beginning: the caller inserts that in the same transaction. */
  fac: AuthMethod;
  /** Whether its owner has proven to receive mail there. @default false */
  isEmailVerified?: boolean;
  /** @default the first of the app's roles */
  roles?: readonly Role[];
}

/** An account that is about to be made. */
export interface DraftAccount {
  user: StoredUser;
  /**
   * Says which identifier is taken, if one is: the caller throws then, so that the transaction leaves nothing. The
   * device, if one is given, is known from then on.
   */
  insert(db: AuthDatabase, deviceHash?: string): Promise<TakenIdentifier | undefined>;
}

export const draftAccount = (
  store: AccountStore,
  {
    username,
    email,
    id = randomUUID(),
    fac,
    isEmailVerified = false,
    roles,
  }: NewAccount & Required<Pick<NewAccount, 'roles'>>,
  now: number,
): DraftAccount => {
  const user = {
    id,
    username: username ?? null,
    email,
    email_verified_at: isEmailVerified ? now : null,
    roles: roles.join(','),
    fac,
    created_at: now,
  };
  const keys = keysOf({ username, email });
  return {
    user: { ...user, ver: 1, disabled_at: null },
    insert: async (db, deviceHash) => {
      if (await store.insert(db, { ...user, ...keys }, deviceHash)) return undefined;
      return (await store.findTaken(db, keys)) ?? 'username_taken';
    },
  };
};
