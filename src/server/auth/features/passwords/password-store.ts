import { type Kysely, sql } from 'kysely';
import { type FoundUser, raiseVersion } from '../../accounts/account-store.ts';
import type { ReplacedPassword } from '../../accounts/credentials.ts';
import { withMethod, withoutMethod } from '../../accounts/fac.ts';
import { withoutOthers } from '../../accounts/known-devices.ts';
import type { StoredUser } from '../../accounts/stored-user.ts';
import { DAY } from '../../clock.ts';
import { prepare } from '../../store/prepared-statement.ts';
import type { AuthDatabase } from '../../store/tables.ts';
import type { PasswordTables } from './password-tables.ts';

/** A user as a login needs one. The hash is null where an account has no password. */
export type LoginUser = FoundUser & { hash: string | null };

type PasswordDatabase = Kysely<PasswordTables>;

const LOGIN_USER = [
  'u.id',
  'u.username',
  'u.email',
  'u.email_verified_at',
  'u.roles',
  'u.ver',
  'u.disabled_at',
  'u.fac',
  'u.created_at',
  'u.devices',
  'p.hash',
] as const;

const withPasswords = (db: AuthDatabase): PasswordDatabase => db.withTables<PasswordTables>();

const usersWithPasswords = (db: AuthDatabase) =>
  withPasswords(db)
    .selectFrom('auth_users as u')
    .leftJoin('auth_passwords as p', 'p.user_id', 'u.id')
    .select(LOGIN_USER);

/** As long as an address can be taken back. */
export const REPLACED_KEPT_MS = 7 * DAY;

/**
 * So many of an account's are kept, the first of those days: whoever has taken it over cannot push the owner's out by
 * changes of their own.
 */
const MAX_REPLACED = 5;

/** Keeps the one that is about to be replaced. */
const keepReplaced = async (transaction: AuthDatabase, userId: string, now: number): Promise<void> => {
  const db = withPasswords(transaction);
  const kept = db
    .selectFrom('auth_replaced_passwords')
    .select(({ fn }) => fn.countAll().as('count'))
    .where('user_id', '=', userId)
    .where('replaced_at', '>', now - REPLACED_KEPT_MS);
  await db
    .insertInto('auth_replaced_passwords')
    .columns(['user_id', 'hash', 'replaced_at'])
    .expression((from) =>
      from
        .selectFrom('auth_passwords')
        .select((select) => ['user_id', 'hash', sql<number>`cast(${select.val(now)} as bigint)`.as('replaced_at')])
        .where('user_id', '=', userId)
        .where(kept, '<', MAX_REPLACED),
    )
    .execute();
};

const forgetReplaced = async (transaction: AuthDatabase, userId: string): Promise<void> => {
  await withPasswords(transaction).deleteFrom('auth_replaced_passwords').where('user_id', '=', userId).execute();
};

export type PasswordStore = ReturnType<typeof createPasswordStore>;

/** The statements on `auth_passwords`. */
export const createPasswordStore = (database: AuthDatabase) => {
  const findByUsername = prepare<{ key: string }>()((value) =>
    usersWithPasswords(database).where('u.username_key', '=', value.key),
  );
  const findByEmail = prepare<{ key: string }>()((value) =>
    usersWithPasswords(database).where('u.email_key', '=', value.key),
  );

  return {
    /** By the key of a username or of an e-mail, which alone holds an `@`. */
    findForLogin: async (key: string): Promise<LoginUser | undefined> => {
      const statement = key.includes('@') ? findByEmail : findByUsername;
      return (await statement(database, { key })).rows[0];
    },

    findAgain: (transaction: AuthDatabase, id: string): Promise<LoginUser | undefined> =>
      usersWithPasswords(transaction).where('u.id', '=', id).executeTakeFirst(),

    insert: async (transaction: AuthDatabase, userId: string, hash: string): Promise<void> => {
      await withPasswords(transaction).insertInto('auth_passwords').values({ user_id: userId, hash }).execute();
    },

    /** Renews an outdated hash, unless the password was changed in the meantime. */
    renewHash: async (userId: string, oldHash: string, newHash: string): Promise<void> => {
      await withPasswords(database)
        .updateTable('auth_passwords')
        .set({ hash: newHash })
        .where('user_id', '=', userId)
        .where('hash', '=', oldHash)
        .execute();
    },

    /**
     * Replaces the password. The user's row comes first, for which sign-ins with the old one wait; raised, it lets none
     * of them through. Forgets the devices as well: whoever knew the old password may have made some of them known.
     * @param keptDevice the hash of the one that is in use. It stays known if it was.
     * @param keepsReplaced whether the old one is good for taking an address back: whoever has the session may be
     * somebody else. Otherwise it may be known to somebody, and so may those before it.
     */
    replace: async (
      transaction: AuthDatabase,
      {
        userId,
        hash,
        now,
        keptDevice,
        keepsReplaced = false,
      }: { userId: string; hash: string; now: number; keptDevice?: string; keepsReplaced?: boolean },
    ): Promise<StoredUser | undefined> => {
      const user = await raiseVersion(transaction, userId, now)
        .set({
          devices: withoutOthers(keptDevice, now),
          fac: withMethod('password'),
        })
        .executeTakeFirst();
      if (user === undefined) return undefined;
      if (keepsReplaced) await keepReplaced(transaction, userId, now);
      else await forgetReplaced(transaction, userId);
      await withPasswords(transaction)
        .insertInto('auth_passwords')
        .values({ user_id: userId, hash })
        .onConflict((conflict) => conflict.column('user_id').doUpdateSet({ hash }))
        .execute();
      return user;
    },

    /** The same of an account whose row the transaction has written already, with all else that it changes. */
    put: async (transaction: AuthDatabase, userId: string, hash: string): Promise<void> => {
      await transaction
        .updateTable('auth_users')
        .set({ fac: withMethod('password') })
        .where('id', '=', userId)
        .execute();
      await forgetReplaced(transaction, userId);
      await withPasswords(transaction)
        .insertInto('auth_passwords')
        .values({ user_id: userId, hash })
        .onConflict((conflict) => conflict.column('user_id').doUpdateSet({ hash }))
        .execute();
    },

    /** Those that were replaced of late and may be the owner's, the newest first. */
    findReplaced: (db: AuthDatabase, userId: string, now: number): Promise<ReplacedPassword[]> =>
      withPasswords(db)
        .selectFrom('auth_replaced_passwords')
        .select(['hash', 'replaced_at as replacedAt'])
        .where('user_id', '=', userId)
        .where('replaced_at', '>', now - REPLACED_KEPT_MS)
        .orderBy('replaced_at', 'desc')
        .orderBy('hash')
        .execute(),

    hasPassword: async (transaction: AuthDatabase, userId: string): Promise<boolean> => {
      const found = await withPasswords(transaction)
        .selectFrom('auth_passwords')
        .select('user_id')
        .where('user_id', '=', userId)
        .executeTakeFirst();
      return found !== undefined;
    },

    /** Takes the password away. */
    remove: async (transaction: AuthDatabase, userId: string): Promise<void> => {
      await transaction
        .updateTable('auth_users')
        .set({ fac: withoutMethod('password') })
        .where('id', '=', userId)
        .execute();
      await forgetReplaced(transaction, userId);
      await withPasswords(transaction).deleteFrom('auth_passwords').where('user_id', '=', userId).execute();
    },
  };
};
