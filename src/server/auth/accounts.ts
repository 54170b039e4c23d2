import { randomUUID } from 'node:crypto';
import { identifierKey, type LoginInput, type RegisterInput, type User } from '../../shared/auth/index.ts';
import type { Clock } from './clock.ts';
import type { AuthRequest } from './context.ts';
import type { Report } from './events.ts';
import { isTooCommon } from './password-strength.ts';
import type { Passwords } from './passwords.ts';
import { refuse } from './refusal.ts';
import type { AuthDatabase } from './tables.ts';
import { presentUser, type StoredUser, type UserStore } from './user-store.ts';

export interface AccountsOptions {
  database: AuthDatabase;
  users: UserStore;
  passwords: Passwords;
  clock: Clock;
  report: Report;
}

export type Accounts = ReturnType<typeof createAccounts>;

/** Who may sign in, and with what. */
export const createAccounts = ({ database, users, passwords, clock, report }: AccountsOptions) => ({
  /**
   * Creates an account with the role `user`.
   * @throws `password_too_common`, `username_taken`, `email_taken`
   */
  register: async (request: AuthRequest, { username, email, password }: RegisterInput): Promise<StoredUser> => {
    const refused = (reason: 'password_too_common' | 'username_taken' | 'email_taken') => {
      report(request, { event: 'registration.refused', reason });
      return refuse(reason);
    };
    const keys = { username_key: identifierKey(username), email_key: identifierKey(email) };

    if (isTooCommon(password, { username, email })) throw refused('password_too_common');
    const taken = await users.findTaken(keys.username_key, keys.email_key);
    if (taken !== undefined) throw refused(taken);

    const user = { id: randomUUID(), username, email, roles: 'user', created_at: clock.now() };
    const passwordHash = await passwords.hash(password);
    if (!(await users.insert(database, { ...user, ...keys, password_hash: passwordHash }))) {
      throw refused((await users.findTaken(keys.username_key, keys.email_key)) ?? 'username_taken');
    }
    report(request, { event: 'account.registered', userId: user.id });
    return { ...user, email_verified_at: null, ver: 1, disabled_at: null };
  },

  /**
   * Checks a password. Whether the user exists, is disabled or the password is wrong cannot be told from the answer or its time
   * (ASVS 6.3.8).
   * @throws `invalid_credentials`
   */
  verify: async (request: AuthRequest, { username, password }: LoginInput): Promise<StoredUser> => {
    const found = await users.findForLogin(identifierKey(username));
    const matches = await passwords.verify(found?.password_hash, password);
    if (found === undefined || !matches || found.disabled_at !== null) {
      report(request, { event: 'login.refused', reason: 'invalid_credentials', ...(found && { userId: found.id }) });
      throw refuse('invalid_credentials');
    }

    const { password_hash: hash, ...user } = found;
    if (passwords.isOutdated(hash)) await users.renewPasswordHash(user.id, hash, await passwords.hash(password));
    return user;
  },

  find: async (id: string): Promise<User | undefined> => {
    const user = await users.find(id);
    return user && presentUser(user);
  },
});
