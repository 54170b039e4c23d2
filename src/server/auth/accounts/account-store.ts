import { sql } from 'kysely';
import type { Role } from '../../../shared/auth/index.ts';
import { ADMIN_ROLE } from '../roles.ts';
import { announced } from '../store/announced.ts';
import { prepare } from '../store/prepared-statement.ts';
import type { AuthDatabase, UserRow } from '../store/tables.ts';
import type { IdentifierKeys } from './identifier-keys.ts';
import { withDevice } from './known-devices.ts';
import { STORED_USER, type StoredUser } from './stored-user.ts';

export type NewUser = Pick<
  UserRow,
  'id' | 'username' | 'username_key' | 'email' | 'email_key' | 'email_verified_at' | 'roles' | 'fac' | 'created_at'
>;

/** A user as a way in has found one: the session starts only for what is still so. */
export type FoundUser = StoredUser & Pick<UserRow, 'devices'>;

/**
 * The orders that hold each account once: by username, those without one by e-mail, and those with neither by id. Each
 * is that of an index.
 */
export const LIST_ORDERS = ['username_key', 'email_key', 'id'] as const;

type ListOrder = (typeof LIST_ORDERS)[number];

export type TakenIdentifier = 'username_taken' | 'email_taken';

/** Roles as the store keeps them, with a comma on either side of each. */
const DELIMITED_ROLES = sql<string>`',' || roles || ','`;

const holds = (role: string) => sql<boolean>`${DELIMITED_ROLES} like ${`%,${role},%`}`;
const holdsNot = (role: Role) => sql<boolean>`${DELIMITED_ROLES} not like ${`%,${role},%`}`;

/**
 * Raises `ver`: every access token that was issued before is stale, and no sign-in that has begun before ends in a
 * session. One statement, so that of two changes at once none is lost. The caller announces it after the commit.
 */
export const raiseVersion = (db: AuthDatabase, id: string, now: number) =>
  db
    .updateTable('auth_users')
    .set((eb) => ({ ver: eb('ver', '+', 1), ver_raised_at: now }))
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .where(announced)
    .returning(STORED_USER);

export type AccountStore = ReturnType<typeof createAccountStore>;

/**
 * The statements on `auth_users`. Those that change one return it as it is then, or undefined when there was nothing to
 * change.
 */
export const createAccountStore = (database: AuthDatabase) => {
  const findStatement = prepare<{ id: string }>()((value) =>
    database.selectFrom('auth_users').select(STORED_USER).where('id', '=', value.id).where('deleted_at', 'is', null),
  );

  return {
    find: async (id: string): Promise<StoredUser | undefined> => (await findStatement(database, { id })).rows[0],

    /** By the key of a username or of an e-mail, which alone holds an `@`. */
    findByIdentifier: (key: string): Promise<StoredUser | undefined> =>
      database
        .selectFrom('auth_users')
        .select(STORED_USER)
        .where(key.includes('@') ? 'email_key' : 'username_key', '=', key)
        .executeTakeFirst(),

    findForSignIn: (db: AuthDatabase, id: string): Promise<FoundUser | undefined> =>
      db
        .selectFrom('auth_users')
        .select([...STORED_USER, 'devices'])
        .where('id', '=', id)
        .where('disabled_at', 'is', null)
        .executeTakeFirst(),

    /** Which of the two identifiers is taken, if any. */
    findTaken: async (
      db: AuthDatabase,
      { username_key: username, email_key: email }: IdentifierKeys,
    ): Promise<TakenIdentifier | undefined> => {
      const rows = await db
        .selectFrom('auth_users')
        .select('username_key')
        // What an account lacks is nobody else's: a comparison with null finds none.
        .where((where) => where.or([where('username_key', '=', username), where('email_key', '=', email)]))
        .execute();
      if (rows.length === 0) return undefined;
      return username !== null && rows.some((row) => row.username_key === username) ? 'username_taken' : 'email_taken';
    },

    /** False when one of the identifiers has been taken in the meantime. */
    insert: async (transaction: AuthDatabase, user: NewUser, deviceHash?: string): Promise<boolean> => {
      const { numInsertedOrUpdatedRows } = await transaction
        .insertInto('auth_users')
        .values({
          ...user,
          ver: 1,
          ver_raised_at: null,
          disabled_at: null,
          devices: deviceHash === undefined ? '' : withDevice('', deviceHash, user.created_at),
        })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow();
      return numInsertedOrUpdatedRows === 1n;
    },

    /**
     * The user, if the account may sign in and nothing has changed since it was found that a sign-in rests on (`ver`);
     * the device is known from then on. That it writes the row makes a change of standing or credentials wait for
     * the end of the transaction, on either store, and then find the session to end.
     */
    confirm: async (
      transaction: AuthDatabase,
      found: Pick<FoundUser, 'id' | 'ver' | 'devices'>,
      { deviceHash, now }: { deviceHash: string; now: number },
    ): Promise<StoredUser | undefined> => {
      const same = () =>
        transaction
          .updateTable('auth_users')
          .where('id', '=', found.id)
          .where('ver', '=', found.ver)
          .where('disabled_at', 'is', null);
      const remember = (devices: string): Promise<StoredUser | undefined> =>
        same()
          .set({ devices: withDevice(devices, deviceHash, now) })
          .where('devices', '=', devices)
          .returning(STORED_USER)
          .executeTakeFirst();

      const user = await remember(found.devices);
      if (user !== undefined) return user;
      // Another login has added a device in the meantime. Or there is nobody any more whom this one would be.
      const locked = await same().set({ devices: sql<string>`devices` }).returning('devices').executeTakeFirst();
      return locked && (await remember(locked.devices));
    },

    grantRole: (db: AuthDatabase, id: string, role: Role, now: number): Promise<StoredUser | undefined> =>
      raiseVersion(db, id, now)
        .set({ roles: sql<string>`trim(roles || ',' || ${role}, ',')` })
        .where(holdsNot(role))
        .executeTakeFirst(),

    revokeRole: (transaction: AuthDatabase, id: string, role: Role, now: number): Promise<StoredUser | undefined> =>
      raiseVersion(transaction, id, now)
        .set({ roles: sql<string>`trim(replace(${DELIMITED_ROLES}, ${`,${role},`}, ','), ',')` })
        .where(holds(role))
        .executeTakeFirst(),

    disable: (transaction: AuthDatabase, id: string, now: number): Promise<StoredUser | undefined> =>
      raiseVersion(transaction, id, now).set({ disabled_at: now }).where('disabled_at', 'is', null).executeTakeFirst(),

    enable: (db: AuthDatabase, id: string, now: number): Promise<StoredUser | undefined> =>
      raiseVersion(db, id, now).set({ disabled_at: null }).where('disabled_at', 'is not', null).executeTakeFirst(),

    /** The account as it was: it is empty only by `empty`, when all have been told. Nobody can sign in to it. */
    markDeleted: (transaction: AuthDatabase, id: string, now: number): Promise<StoredUser | undefined> =>
      raiseVersion(transaction, id, now).set({ disabled_at: now, deleted_at: now }).executeTakeFirst(),

    /** Leaves nothing in the row by which somebody could be known. Its names are free from then on. */
    empty: (transaction: AuthDatabase, id: string): Promise<Pick<UserRow, 'ver'>> =>
      transaction
        .updateTable('auth_users')
        .set({ username: null, username_key: null, email: null, email_key: null, email_verified_at: null })
        .set({ roles: '', fac: '', devices: '' })
        .where('id', '=', id)
        .returning('ver')
        .executeTakeFirstOrThrow(),

    /**
     * Whether nobody else could administer any more without this account. Who has no way in cannot: a member who was
     * imported without a password, say. It writes the rows of all who can, as they are: of two that would take the last
     * ones away from each other, one waits for the other's end on either store.
     */
    isLastAdmin: async (transaction: AuthDatabase, id: string): Promise<boolean> => {
      const admins = await transaction
        .updateTable('auth_users')
        .set({ roles: sql<string>`roles` })
        .where('roles', '<>', sql.lit('user'))
        .where(holds(ADMIN_ROLE))
        .where('disabled_at', 'is', null)
        .returning(['id', 'fac'])
        .execute();
      return admins.some((admin) => admin.id === id) && !admins.some((admin) => admin.id !== id && admin.fac !== '');
    },

    /** A page of the accounts that an order holds, behind the key given. */
    list: (order: ListOrder, afterKey: string, limit: number): Promise<(StoredUser & { key: string | null })[]> =>
      database
        .selectFrom('auth_users')
        .select([...STORED_USER, `${order} as key`])
        .where(order, '>', afterKey)
        .where('deleted_at', 'is', null)
        .$if(order !== 'username_key', (query) => query.where('username_key', 'is', null))
        .$if(order === 'id', (query) => query.where('email_key', 'is', null))
        .orderBy(order)
        .limit(limit)
        .execute(),
  };
};
