import { randomUUID } from 'node:crypto';
import { TRPCError } from '@trpc/server';
import { identifierKey, type LoginInput, type RegisterInput, type Role, type User } from '../../shared/auth/index.ts';
import type { Clock } from './clock.ts';
import type { AuthRequest } from './context.ts';
import type { Report } from './events.ts';
import { isTooCommon } from './password-strength.ts';
import type { Passwords } from './passwords.ts';
import type { LoginTarget, RateLimiter } from './rate-limiter.ts';
import { hashSecret } from './refresh-token.ts';
import { reasonOf, refuse } from './refusal.ts';
import type { AuthDatabase } from './tables.ts';
import { presentUser, type StoredUser, type UserStore } from './user-store.ts';

export interface AccountsOptions {
  database: AuthDatabase;
  users: UserStore;
  passwords: Passwords;
  /** Undefined: tries are not limited. */
  rateLimiter: RateLimiter | undefined;
  clock: Clock;
  report: Report;
}

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

/** Who may sign in, and with what. */
export const createAccounts = (options: AccountsOptions) => {
  const { database, users, passwords, rateLimiter, clock, report } = options;

  /** An unknown identifier is limited like a known one, and looked up in as many steps. */
  const targetOf = async (key: string, user: StoredUser | undefined, device: string): Promise<LoginTarget> => {
    const deviceHash = hashSecret(device);
    const isKnown = await users.knowsDevice(user?.id ?? '', deviceHash);
    return { account: user?.id ?? key, knownDevice: isKnown ? deviceHash : undefined };
  };

  /** The row of a new account. `insert` says which identifier is taken, if one is. */
  const draft = ({ username, email, passwordHash, id = randomUUID(), roles = ['user'] }: NewAccount) => {
    const user = { id, username, email, roles: roles.join(','), created_at: clock.now() };
    const keys = { username_key: identifierKey(username), email_key: identifierKey(email) };
    const stored: StoredUser = { ...user, email_verified_at: null, ver: 1, disabled_at: null };
    return {
      user: stored,
      insert: async (db: AuthDatabase): Promise<'username_taken' | 'email_taken' | undefined> => {
        if (await users.insert(db, { ...user, ...keys, password_hash: passwordHash })) return undefined;
        return (await users.findTaken(db, keys)) ?? 'username_taken';
      },
    };
  };

  return {
    /** Adds an account that was made elsewhere. Says which identifier is taken, if one is. */
    create: async (account: NewAccount): Promise<StoredUser | 'username_taken' | 'email_taken'> => {
      const { user, insert } = draft(account);
      return (await insert(database)) ?? user;
    },

    /**
     * Prepares an account with the role `user`. `insert` makes it, in the transaction that starts its first session: there is both
     * or neither.
     * @throws `password_too_common`, `username_taken`, `email_taken`; so does `insert`
     */
    register: async (request: AuthRequest, { username, email, password }: RegisterInput) => {
      const refused = (reason: 'password_too_common' | 'username_taken' | 'email_taken') => {
        report(request, { event: 'registration.refused', reason });
        return refuse(reason);
      };

      if (isTooCommon(password, { username, email })) throw refused('password_too_common');
      // Before the hash, which costs more than the look-up; and again by the insert, which alone is certain.
      const keys = { username_key: identifierKey(username), email_key: identifierKey(email) };
      const takenBefore = await users.findTaken(database, keys);
      if (takenBefore !== undefined) throw refused(takenBefore);

      const account = draft({ username, email, passwordHash: await passwords.hash(password) });
      const insert = async (transaction: AuthDatabase): Promise<void> => {
        const taken = await account.insert(transaction);
        if (taken !== undefined) throw refused(taken);
      };
      return { user: account.user, insert };
    },

    /**
     * Checks a password. Whether the user exists, is disabled or the password is wrong cannot be told from the answer or its time
     * (ASVS 6.3.8).
     * @param device the device cookie's id: one that the account knows has a limit of its own.
     * @throws `invalid_credentials`, `rate_limited`
     */
    verify: async (request: AuthRequest, { username, password }: LoginInput, device: string): Promise<StoredUser> => {
      const refused = (refusal: TRPCError) => {
        const reason = reasonOf(refusal) ?? 'invalid_credentials';
        report(request, { event: 'login.refused', reason, ...(found && { userId: found.id }) });
        return refusal;
      };
      const key = identifierKey(username);
      const found = await users.findForLogin(key);
      const target = rateLimiter && (await targetOf(key, found, device));
      if (target !== undefined) {
        await rateLimiter?.takeLogin(request, target).catch((error: unknown) => {
          throw error instanceof TRPCError ? refused(error) : error;
        });
      }

      const matches = await passwords.verify(found?.password_hash, password);
      if (found === undefined || !matches || found.disabled_at !== null) throw refused(refuse('invalid_credentials'));
      if (target !== undefined) await rateLimiter?.succeed(request, target);

      const { password_hash: hash, ...user } = found;
      if (passwords.isOutdated(hash)) await users.renewPasswordHash(user.id, hash, await passwords.hash(password));
      return user;
    },

    find: async (id: string): Promise<User | undefined> => {
      const user = await users.find(id);
      return user && presentUser(user);
    },
  };
};
