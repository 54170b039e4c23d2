import { sql } from 'kysely';
import { ROLES, type Role, type User } from '../../../shared/auth/index.ts';
import { prepare } from '../statement.ts';
import type { AuthDatabase, UserRow } from '../tables.ts';
import { withDevice } from './known-devices.ts';

/** A user without the password's hash. */
export type StoredUser = Pick<
  UserRow,
  'id' | 'username' | 'email' | 'email_verified_at' | 'roles' | 'ver' | 'disabled_at' | 'created_at'
>;

/** A user as a login needs one. */
export type LoginUser = StoredUser & Pick<UserRow, 'password_hash' | 'devices'>;

export type NewUser = Pick<
  UserRow,
  'id' | 'username' | 'username_key' | 'email' | 'email_key' | 'password_hash' | 'roles' | 'created_at'
>;

/** What a login has found, and goes on from. */
export interface ConfirmedLogin extends Pick<UserRow, 'id' | 'devices'> {
  passwordHash: string;
  deviceHash: string;
  now: number;
}

export type TakenIdentifier = 'username_taken' | 'email_taken';

export const STORED_USER = [
  'id',
  'username',
  'email',
  'email_verified_at',
  'roles',
  'ver',
  'disabled_at',
  'created_at',
] as const satisfies readonly (keyof StoredUser)[];

export const rolesOf = (user: Pick<UserRow, 'roles'>): Role[] => {
  const held = user.roles.split(',');
  return ROLES.filter((role) => held.includes(role));
};

/** The user as every answer shows it. */
export const presentUser = (user: StoredUser): User => ({
  id: user.id,
  username: user.username,
  email: user.email,
  emailVerified: user.email_verified_at !== null,
  roles: rolesOf(user),
  createdAt: new Date(user.created_at).toISOString(),
});

export type UserStore = ReturnType<typeof createUserStore>;

/** The statements on users. */
export const createUserStore = (database: AuthDatabase) => {
  const findStatement = prepare<{ id: string }>()((value) =>
    database.selectFrom('auth_users').select(STORED_USER).where('id', '=', value.id),
  );
  const findByUsername = prepare<{ key: string }>()((value) =>
    database
      .selectFrom('auth_users')
      .select([...STORED_USER, 'password_hash', 'devices'])
      .where('username_key', '=', value.key),
  );
  const findByEmail = prepare<{ key: string }>()((value) =>
    database
      .selectFrom('auth_users')
      .select([...STORED_USER, 'password_hash', 'devices'])
      .where('email_key', '=', value.key),
  );

  return {
    find: async (id: string): Promise<StoredUser | undefined> => (await findStatement(database, { id })).rows[0],

    /** By the key of a username or of an e-mail, which alone holds an `@`. */
    findForLogin: async (key: string): Promise<LoginUser | undefined> => {
      const statement = key.includes('@') ? findByEmail : findByUsername;
      return (await statement(database, { key })).rows[0];
    },

    /** Which of the two identifiers is taken, if any. */
    findTaken: async (
      db: AuthDatabase,
      keys: Pick<UserRow, 'username_key' | 'email_key'>,
    ): Promise<TakenIdentifier | undefined> => {
      const rows = await db
        .selectFrom('auth_users')
        .select('username_key')
        .where((where) =>
          where.or([where('username_key', '=', keys.username_key), where('email_key', '=', keys.email_key)]),
        )
        .execute();
      if (rows.length === 0) return undefined;
      return rows.some((row) => row.username_key === keys.username_key) ? 'username_taken' : 'email_taken';
    },

    /** False when one of the identifiers has been taken in the meantime. */
    insert: async (transaction: AuthDatabase, user: NewUser, deviceHash?: string): Promise<boolean> => {
      const { numInsertedOrUpdatedRows } = await transaction
        .insertInto('auth_users')
        .values({
          ...user,
          ver: 1,
          email_verified_at: null,
          ver_raised_at: null,
          disabled_at: null,
          devices: deviceHash === undefined ? '' : withDevice('', deviceHash, user.created_at),
        })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow();
      return numInsertedOrUpdatedRows === 1n;
    },

    /** Renews a hash. False when it was changed in the meantime. */
    renewPasswordHash: async (id: string, oldHash: string, newHash: string): Promise<boolean> => {
      const { numUpdatedRows } = await database
        .updateTable('auth_users')
        .set({ password_hash: newHash })
        .where('id', '=', id)
        .where('password_hash', '=', oldHash)
        .executeTakeFirstOrThrow();
      return numUpdatedRows === 1n;
    },

    findPasswordHash: async (id: string): Promise<string | undefined> =>
      (await database.selectFrom('auth_users').select('password_hash').where('id', '=', id).executeTakeFirst())
        ?.password_hash,

    /**
     * The user, if the account may sign in and the password is still the one that was verified; the device is known from then on. That it
     * writes the row makes whoever changes password or standing wait for the end of the transaction, on either store, and then find
     * the session to end.
     */
    confirm: async (transaction: AuthDatabase, login: ConfirmedLogin): Promise<StoredUser | undefined> => {
      const same = () =>
        transaction
          .updateTable('auth_users')
          .where('id', '=', login.id)
          .where('password_hash', '=', login.passwordHash)
          .where('disabled_at', 'is', null);
      const remember = (devices: string): Promise<StoredUser | undefined> =>
        same()
          .set({ devices: withDevice(devices, login.deviceHash, login.now) })
          .where('devices', '=', devices)
          .returning(STORED_USER)
          .executeTakeFirst();

      const user = await remember(login.devices);
      if (user !== undefined) return user;
      // Another login has added a device in the meantime. Or there is nobody any more whom this one would be.
      const locked = await same().set({ devices: sql<string>`devices` }).returning('devices').executeTakeFirst();
      return locked && (await remember(locked.devices));
    },
  };
};
