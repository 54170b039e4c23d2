import type { RegisterByEmailInput, RegisterInput, Role } from '../../../../shared/auth/index.ts';
import { type ManagedAccount, presentManaged, type SessionEnding } from '../../accounts/account-changes.ts';
import type { Accounts } from '../../accounts/accounts.ts';
import type { NewAccount } from '../../accounts/new-account.ts';
import type { Clock } from '../../clock.ts';
import type { CoreEvent, Initiator, Report } from '../../events.ts';
import { refuse } from '../../refusal.ts';
import type { RecordEvents } from '../../store/recording.ts';
import type { Announce } from '../../store/revocation-feed.ts';
import type { AuthDatabase } from '../../store/tables.ts';
import type { PasswordHasher } from './argon2.ts';
import type { PasswordEvent } from './password-events.ts';
import type { PasswordStore } from './password-store.ts';
import { isTooCommon } from './password-strength.ts';
import { refusePassword } from './refuse-password.ts';

export interface PasswordChangesOptions {
  database: AuthDatabase;
  store: PasswordStore;
  accounts: Accounts;
  sessions: SessionEnding;
  hasher: PasswordHasher;
  /** Of which no password may be made, such as the app's name. */
  words: readonly string[];
  clock: Clock;
  report: Report<CoreEvent | PasswordEvent>;
  record: RecordEvents<CoreEvent | PasswordEvent>;
  announce: Announce;
}

export type PasswordChanges = ReturnType<typeof createPasswordChanges>;

/**
 * What is done with the passwords of others. Whoever calls it has made sure that the initiator may, and that a new
 * password has the length that `passwordSchema` asks for.
 */
export const createPasswordChanges = (options: PasswordChangesOptions) => {
  const { database, store, accounts, sessions, hasher, words, clock, report, record, announce } = options;

  const insert = (
    initiator: Initiator,
    { passwordHash, ...account }: Omit<NewAccount, 'fac'> & { passwordHash: string },
  ) => {
    const { user, insert: insertUser } = accounts.draft({ ...account, fac: 'password' });
    return database.transaction().execute(async (transaction) => {
      const taken = await insertUser(transaction);
      // Thrown, so that nothing is left of it: of an address that is held, this is known behind the insert.
      if (taken !== undefined) throw refuse(taken);
      await store.insert(transaction, user.id, passwordHash);
      await record(transaction, initiator, [{ event: 'account.created', userId: user.id }]);
      return user;
    });
  };

  return {
    /** @throws `password_too_common`, `username_taken`, `email_taken` */
    createAccount: async (
      initiator: Initiator,
      { password, ...names }: RegisterInput | RegisterByEmailInput,
      roles?: readonly Role[],
    ): Promise<ManagedAccount> => {
      if (isTooCommon(password, names, words)) throw refusePassword('password_too_common');
      const user = await insert(initiator, {
        ...names,
        ...(roles !== undefined && { roles }),
        passwordHash: await hasher.hash(password),
      });
      report(initiator, { event: 'account.created', userId: user.id });
      return presentManaged(accounts, user);
    },

    /**
     * Replaces the password, and ends all sessions of the account.
     * @throws `password_too_common`
     */
    setPassword: async (initiator: Initiator, id: string, password: string): Promise<'done' | 'unknown_account'> => {
      const account = await accounts.find(id);
      if (account === undefined) return 'unknown_account';
      if (isTooCommon(password, account, words)) throw refusePassword('password_too_common');
      const hash = await hasher.hash(password);
      const now = clock.now();
      const event: PasswordEvent = { event: 'password.changed', userId: id };
      const changed = await sessions.changeAndEnd(
        initiator,
        { userId: id, cause: 'password_changed', now },
        async (transaction) => {
          const user = await store.replace(transaction, { userId: id, hash, now });
          if (user !== undefined) await record(transaction, initiator, [event]);
          return user;
        },
      );
      if (changed === undefined) return 'unknown_account';
      await announce([{ kind: 'user', userId: id, ver: changed.ver }]);
      report(initiator, event);
      return 'done';
    },
  };
};
