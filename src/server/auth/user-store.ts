import { ROLES, type Role, type User } from '../../shared/auth/index.ts';
import { prepare } from './statement.ts';
import type { AuthDatabase, UserRow } from './tables.ts';

/** A user without the password's hash. */
export type StoredUser = Pick<
  UserRow,
  'id' | 'username' | 'email' | 'email_verified_at' | 'roles' | 'ver' | 'disabled_at' | 'created_at'
>;

/** A user as a login needs one. */
export type LoginUser = StoredUser & Pick<UserRow, 'password_hash'>;

export type NewUser = Pick<
  UserRow,
  'id' | 'username' | 'username_key' | 'email' | 'email_key' | 'password_hash' | 'roles' | 'created_at'
>;

export interface SeenDevice {
  userId: string;
  /** SHA-256 of the device cookie, in base64url. */
  deviceHash: string;
  now: number;
}

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

/** How many devices of a user are known: the last ones to sign in. */
const KNOWN_DEVICES = 10;

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

/** The statements on users and on the devices they sign in from. */
export const createUserStore = (database: AuthDatabase) => {
  const findStatement = prepare<{ id: string }>()((value) =>
    database.selectFrom('auth_users').select(STORED_USER).where('id', '=', value.id),
  );
  const findByUsername = prepare<{ key: string }>()((value) =>
    database
      .selectFrom('auth_users')
      .select([...STORED_USER, 'password_hash'])
      .where('username_key', '=', value.key),
  );
  const findByEmail = prepare<{ key: string }>()((value) =>
    database
      .selectFrom('auth_users')
      .select([...STORED_USER, 'password_hash'])
      .where('email_key', '=', value.key),
  );

  const findDevice = prepare<{ userId: string; deviceHash: string }>()((value) =>
    database
      .selectFrom('auth_devices')
      .select('device_hash')
      .where('user_id', '=', value.userId)
      .where('device_hash', '=', value.deviceHash),
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
    ): Promise<'username_taken' | 'email_taken' | undefined> => {
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
    insert: async (transaction: AuthDatabase, user: NewUser): Promise<boolean> => {
      const { numInsertedOrUpdatedRows } = await transaction
        .insertInto('auth_users')
        .values({ ...user, ver: 1, email_verified_at: null, ver_raised_at: null, disabled_at: null })
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
     * The user, if the account may sign in and the password is still the one that was verified. It writes the row as it is: that makes
     * whoever changes password or standing wait for the end of the transaction, on either store, and then find the session to end.
     */
    confirm: async (transaction: AuthDatabase, id: string, passwordHash: string): Promise<StoredUser | undefined> =>
      await transaction
        .updateTable('auth_users')
        .set({ password_hash: passwordHash })
        .where('id', '=', id)
        .where('password_hash', '=', passwordHash)
        .where('disabled_at', 'is', null)
        .returning(STORED_USER)
        .executeTakeFirst(),

    /** Whether the user has signed in from this device before. */
    knowsDevice: async (userId: string, deviceHash: string): Promise<boolean> => {
      const { rows } = await findDevice(database, { userId, deviceHash });
      return rows.length > 0;
    },

    /** Remembers that the user signed in from this device, and forgets all but the last ten. */
    rememberDevice: async (transaction: AuthDatabase, device: SeenDevice): Promise<void> => {
      await transaction
        .insertInto('auth_devices')
        .values({ user_id: device.userId, device_hash: device.deviceHash, seen_at: device.now })
        .onConflict((conflict) => conflict.columns(['user_id', 'device_hash']).doUpdateSet({ seen_at: device.now }))
        .execute();
      await transaction
        .deleteFrom('auth_devices')
        .where('user_id', '=', device.userId)
        .where('device_hash', 'not in', (query) =>
          query
            .selectFrom('auth_devices')
            .select('device_hash')
            .where('user_id', '=', device.userId)
            .orderBy('seen_at', 'desc')
            .orderBy('device_hash')
            .limit(KNOWN_DEVICES),
        )
        .execute();
    },
  };
};
