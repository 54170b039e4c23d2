import { TRPCError } from '@trpc/server';
import { identifierKey, type LoginInput, type RegisterInput, type User } from '../../../shared/auth/index.ts';
import type { Auth } from '../auth.ts';
import type { Clock } from '../clock.ts';
import type { Report } from '../events.ts';
import type { PasswordPool } from '../features/passwords/password-pool.ts';
import { isTooCommon } from '../features/passwords/password-strength.ts';
import type { Attempt, LoginTarget } from '../limits/rate-limiter.ts';
import { reasonOf, refuse } from '../refusal.ts';
import type { AuthRequest } from '../request.ts';
import { createCoreSlot } from '../slot.ts';
import type { AuthDatabase } from '../tables.ts';
import { hashSecret } from '../tokens/secrets.ts';
import { knowsDevice } from './known-devices.ts';
import { draftAccount, type NewAccount } from './new-account.ts';
import { type LoginUser, presentUser, type StoredUser, type TakenIdentifier, type UserStore } from './user-store.ts';

export interface AccountsOptions {
  database: AuthDatabase;
  users: UserStore;
  passwords: PasswordPool;
  clock: Clock;
  report: Report;
}

/** Somebody who may have a session, if that still holds when it starts. */
export interface Claim {
  /**
   * In the transaction that starts the session: makes the account, or makes sure that it is still as it was found. The device is known
   * from then on.
   */
  settle(transaction: AuthDatabase, deviceHash: string): Promise<StoredUser>;
}

export type Accounts = ReturnType<typeof createAccounts>;

export const accountsSlot = createCoreSlot<Accounts>('accounts');

/** Adds an account that was made elsewhere. Says which identifier is taken, if one is. */
export const createAccount = (auth: Auth, account: NewAccount): Promise<StoredUser | TakenIdentifier> =>
  accountsSlot.of(auth).create(account);

/** Who may sign in, and with what. */
export const createAccounts = (options: AccountsOptions) => {
  const { database, users, passwords, clock, report } = options;

  /** An unknown identifier is limited like a known one. */
  const targetOf = (key: string, user: LoginUser | undefined, device: string): LoginTarget => {
    const deviceHash = hashSecret(device);
    const isKnown = user !== undefined && knowsDevice(user, deviceHash);
    return { identifier: key, knownDevice: isKnown ? deviceHash : undefined };
  };

  /** Hashes a password anew if its hash is outdated. Returns the one that stands then: another login may have been faster. */
  const renewHash = async ({ id, password_hash: hash }: LoginUser, password: string): Promise<string> => {
    if (!passwords.isOutdated(hash)) return hash;
    const renewed = await passwords.hash(password);
    if (await users.renewPasswordHash(id, hash, renewed)) return renewed;
    const standing = await users.findPasswordHash(id);
    return standing !== undefined && (await passwords.verify(standing, password)) ? standing : hash;
  };

  return {
    /** Before anything is counted or looked up for a password that could not be hashed. @throws `unavailable` */
    ensureRoom: (): void => passwords.ensureRoom(),

    /** Adds an account that was made elsewhere. Says which identifier is taken, if one is. */
    create: async (account: NewAccount): Promise<StoredUser | TakenIdentifier> => {
      const { user, insert } = draftAccount(users, account, clock.now());
      return (await insert(database)) ?? user;
    },

    /**
     * Prepares an account with the role `user`. The claim makes it, in the transaction that starts its first session: there is both
     * or neither.
     * @throws `password_too_common`, `username_taken`, `email_taken`; so does the claim
     */
    register: async (
      request: AuthRequest,
      { username, email, password }: RegisterInput,
      attempt: Attempt,
    ): Promise<Claim> => {
      const refused = (reason: 'password_too_common' | TakenIdentifier) => {
        report(request, { event: 'registration.refused', reason });
        return refuse(reason);
      };

      if (isTooCommon(password, { username, email })) throw refused('password_too_common');
      // Before the hash, which costs more than the look-up; and again by the insert, which alone is certain.
      const keys = { username_key: identifierKey(username), email_key: identifierKey(email) };
      const takenBefore = await users.findTaken(database, keys);
      // Whatever comes now, it tells whether the names are taken.
      attempt.keep();
      if (takenBefore !== undefined) throw refused(takenBefore);

      const passwordHash = await passwords.hash(password, () => !request.hasClientGone());
      const { user, insert } = draftAccount(users, { username, email, passwordHash }, clock.now());
      return {
        settle: async (transaction, deviceHash) => {
          const taken = await insert(transaction, deviceHash);
          if (taken !== undefined) throw refused(taken);
          return user;
        },
      };
    },

    /**
     * Checks a password. Whether the user exists, is disabled or the password is wrong cannot be told from the answer or its time
     * (ASVS 6.3.8). The claim looks again, so that no session starts with a password that has just been changed, or for an account that
     * has just been disabled.
     * @param device the device cookie's id: one that the account knows has a limit of its own.
     * @throws `invalid_credentials`, `rate_limited`; the claim `invalid_credentials`
     */
    verify: async (
      request: AuthRequest,
      { username, password }: LoginInput,
      { device, attempt }: { device: string; attempt: Attempt },
    ): Promise<Claim> => {
      const refused = (refusal: TRPCError) => {
        const reason = reasonOf(refusal) ?? 'invalid_credentials';
        report(request, { event: 'login.refused', reason, ...(found && { userId: found.id }) });
        return refusal;
      };
      const key = identifierKey(username);
      const found = await users.findForLogin(key);
      await attempt.takeLogin(targetOf(key, found, device)).catch((error: unknown) => {
        throw error instanceof TRPCError ? refused(error) : error;
      });

      const matches = await passwords.verify(found?.password_hash, password, () => !request.hasClientGone());
      if (found === undefined || !matches || found.disabled_at !== null) {
        attempt.keep();
        throw refused(refuse('invalid_credentials'));
      }
      await attempt.succeed();

      const standingHash = await renewHash(found, password);
      return {
        settle: async (transaction, deviceHash) => {
          const { id, devices } = found;
          const login = { id, devices, passwordHash: standingHash, deviceHash, now: clock.now() };
          const user = await users.confirm(transaction, login);
          if (user === undefined) throw refused(refuse('invalid_credentials'));
          return user;
        },
      };
    },

    find: async (id: string): Promise<User | undefined> => {
      const user = await users.find(id);
      return user && presentUser(user);
    },
  };
};
