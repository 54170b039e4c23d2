import { sql } from 'kysely';
import type { Role } from '../../../shared/auth/index.ts';
import type { AuthDatabase } from '../tables.ts';
import { STORED_USER, type StoredUser } from './user-store.ts';

/** Roles as the store keeps them, with a comma on either side of each. */
const DELIMITED_ROLES = sql<string>`',' || roles || ','`;

const holds = (role: Role) => sql<boolean>`${DELIMITED_ROLES} like ${`%,${role},%`}`;
const holdsNot = (role: Role) => sql<boolean>`${DELIMITED_ROLES} not like ${`%,${role},%`}`;

/** Raises `ver`: every access token that was issued before is stale. One statement, so that of two changes at once none is lost. */
const changeStanding = (db: AuthDatabase, id: string, now: number) =>
  db
    .updateTable('auth_users')
    .set((eb) => ({ ver: eb('ver', '+', 1), ver_raised_at: now }))
    .where('id', '=', id)
    .returning(STORED_USER);

/** The statements that change what an account may do. Each returns the account as it is now, or undefined when there was nothing to change. */
export const createAccountStore = (database: AuthDatabase) => ({
  grantRole: (id: string, role: Role, now: number): Promise<StoredUser | undefined> =>
    changeStanding(database, id, now)
      .set({ roles: sql<string>`trim(roles || ',' || ${role}, ',')` })
      .where(holdsNot(role))
      .executeTakeFirst(),

  revokeRole: (transaction: AuthDatabase, id: string, role: Role, now: number): Promise<StoredUser | undefined> =>
    changeStanding(transaction, id, now)
      .set({ roles: sql<string>`trim(replace(${DELIMITED_ROLES}, ${`,${role},`}, ','), ',')` })
      .where(holds(role))
      .executeTakeFirst(),

  disable: (transaction: AuthDatabase, id: string, now: number): Promise<StoredUser | undefined> =>
    changeStanding(transaction, id, now).set({ disabled_at: now }).where('disabled_at', 'is', null).executeTakeFirst(),

  enable: (id: string, now: number): Promise<StoredUser | undefined> =>
    changeStanding(database, id, now)
      .set({ disabled_at: null })
      .where('disabled_at', 'is not', null)
      .executeTakeFirst(),

  /**
   * Whether nobody else could administer any more without this account. It writes the rows of all who can, as they are: of two that
   * would take the last ones away from each other, one waits for the other's end on either store.
   */
  isLastAdmin: async (transaction: AuthDatabase, id: string): Promise<boolean> => {
    const admins = await transaction
      .updateTable('auth_users')
      .set({ roles: sql<string>`roles` })
      .where('roles', '<>', sql.lit('user'))
      .where(holds('admin'))
      .where('disabled_at', 'is', null)
      .returning('id')
      .execute();
    return admins.length === 1 && admins[0]?.id === id;
  },

  /** Forgets the devices as well: whoever knew the old password may have made some of them known. */
  setPassword: (transaction: AuthDatabase, id: string, passwordHash: string): Promise<StoredUser | undefined> =>
    transaction
      .updateTable('auth_users')
      .set({ password_hash: passwordHash, devices: '' })
      .where('id', '=', id)
      .returning(STORED_USER)
      .executeTakeFirst(),

  /** A page of all accounts in the order of their usernames' keys, behind the one given. */
  list: (afterKey: string, limit: number): Promise<(StoredUser & { username_key: string })[]> =>
    database
      .selectFrom('auth_users')
      .select([...STORED_USER, 'username_key'])
      .where('username_key', '>', afterKey)
      .orderBy('username_key')
      .limit(limit)
      .execute(),
});
