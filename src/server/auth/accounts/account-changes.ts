import {
  identifierKey,
  type RegisterInput,
  type RevocationCause,
  type Role,
  type User,
} from '../../../shared/auth/index.ts';
import type { Clock } from '../clock.ts';
import type { Initiator, Report } from '../events.ts';
import { isTooCommon } from '../features/passwords/password-strength.ts';
import type { Passwords } from '../features/passwords/passwords.ts';
import { refuse } from '../refusal.ts';
import type { RevocationNotice } from '../revocation-feed.ts';
import { createSessionStore, type EndedSession } from '../sessions/session-store.ts';
import type { AuthDatabase } from '../tables.ts';
import { createAccountStore } from './account-store.ts';
import { draftAccount } from './new-account.ts';
import { createUserStore, presentUser, type StoredUser } from './user-store.ts';

export interface AccountAdminOptions {
  database: AuthDatabase;
  passwords: Passwords;
  clock: Clock;
  report: Report;
  /** Told of what was ended, once it is committed. Other processes hear of it from the store. */
  notice: (what: RevocationNotice) => void;
}

/** An account as its administrators see it. */
export interface ManagedAccount extends User {
  /** ISO 8601 in UTC; null when the account may sign in. */
  disabledAt: string | null;
}

/** `unchanged`: it was so already. `last_admin`: nobody could administer any more, so nothing was done. */
export type AccountChange = 'done' | 'unchanged' | 'unknown_account' | 'last_admin';

export interface GuardedChange {
  /** Do it even to the last administrator. Default false. */
  isForced?: boolean;
}

const PAGE = 500;

const present = (user: StoredUser): ManagedAccount => ({
  ...presentUser(user),
  disabledAt: user.disabled_at === null ? null : new Date(user.disabled_at).toISOString(),
});

export type AccountAdmin = ReturnType<typeof createAccountAdmin>;

/**
 * What administrators do with the accounts of others. Whoever calls it has made sure that the initiator may, and that a new password
 * has the length that `passwordSchema` asks for.
 */
export const createAccountAdmin = ({ database, passwords, clock, report, notice }: AccountAdminOptions) => {
  const users = createUserStore(database);
  const accounts = createAccountStore(database);
  const sessions = createSessionStore(database);

  const changeOf = async (id: string, changed: StoredUser | undefined): Promise<AccountChange> => {
    if (changed !== undefined) {
      notice({ kind: 'user', userId: id, ver: changed.ver });
      return 'done';
    }
    return (await users.find(id)) === undefined ? 'unknown_account' : 'unchanged';
  };

  const announce = (initiator: Initiator, ended: readonly EndedSession[], cause: RevocationCause): void => {
    for (const { sid, id: sessionId, userId } of ended) {
      notice({ kind: 'session', sid, cause });
      report(initiator, { event: 'session.ended', cause, userId, sessionId });
    }
  };

  const refusedLast = (initiator: Initiator, id: string): 'last_admin' => {
    report(initiator, { event: 'last_admin.kept', userId: id });
    return 'last_admin';
  };

  /**
   * Changes an account and ends all its sessions: both or neither. The account comes first: from then on no session starts or is
   * about to that this transaction would not see.
   */
  const changeAndEnd = async (
    initiator: Initiator,
    { id, cause, now }: { id: string; cause: RevocationCause; now: number },
    change: (transaction: AuthDatabase) => Promise<StoredUser | undefined>,
  ): Promise<StoredUser | undefined> => {
    const { user, ended } = await database.transaction().execute(async (transaction) => {
      const user = await change(transaction);
      return { user, ended: user && (await sessions.revokeAll(transaction, { userId: id }, cause, now)) };
    });
    announce(initiator, ended ?? [], cause);
    return user;
  };

  return {
    /** By username or e-mail, in any spelling. */
    find: async (identifier: string): Promise<ManagedAccount | undefined> => {
      const user = await users.findForLogin(identifierKey(identifier));
      return user && present(user);
    },

    /** All accounts by username. Reads them in pages. */
    list: async function* (): AsyncGenerator<ManagedAccount, void, undefined> {
      let after: string | undefined = '';
      while (after !== undefined) {
        const page = await accounts.list(after, PAGE);
        yield* page.map(present);
        after = page.length < PAGE ? undefined : page.at(-1)?.username_key;
      }
    },

    /** @throws `password_too_common`, `username_taken`, `email_taken` */
    create: async (
      initiator: Initiator,
      { username, email, password }: RegisterInput,
      roles: readonly Role[] = ['user'],
    ): Promise<ManagedAccount> => {
      if (isTooCommon(password, { username, email })) throw refuse('password_too_common');
      const passwordHash = await passwords.hash(password);
      const { user, insert } = draftAccount(users, { username, email, passwordHash, roles }, clock.now());
      const taken = await insert(database);
      if (taken !== undefined) throw refuse(taken);
      report(initiator, { event: 'account.created', userId: user.id });
      return present(user);
    },

    /** Access tokens without the role are stale at once: the next refresh brings it. */
    grantRole: async (initiator: Initiator, id: string, role: Role): Promise<AccountChange> => {
      const change = await changeOf(id, await accounts.grantRole(id, role, clock.now()));
      if (change === 'done') report(initiator, { event: 'role.granted', userId: id, role });
      return change;
    },

    /** Access tokens with the role are stale at once. */
    revokeRole: async (
      initiator: Initiator,
      id: string,
      role: Role,
      { isForced = false }: GuardedChange = {},
    ): Promise<AccountChange> => {
      const revoked = await database.transaction().execute(async (transaction) => {
        const isLast = role === 'admin' && !isForced && (await accounts.isLastAdmin(transaction, id));
        return isLast ? 'last_admin' : await accounts.revokeRole(transaction, id, role, clock.now());
      });
      if (revoked === 'last_admin') return refusedLast(initiator, id);
      const change = await changeOf(id, revoked);
      if (change === 'done') report(initiator, { event: 'role.revoked', userId: id, role });
      return change;
    },

    /** The account cannot sign in any more, and all its sessions end. */
    disable: async (
      initiator: Initiator,
      id: string,
      { isForced = false }: GuardedChange = {},
    ): Promise<AccountChange> => {
      const now = clock.now();
      let isLast = false;
      const disabled = await changeAndEnd(initiator, { id, cause: 'account_disabled', now }, async (transaction) => {
        isLast = !isForced && (await accounts.isLastAdmin(transaction, id));
        return isLast ? undefined : await accounts.disable(transaction, id, now);
      });
      if (isLast) return refusedLast(initiator, id);
      if (disabled !== undefined) report(initiator, { event: 'account.disabled', userId: id });
      return await changeOf(id, disabled);
    },

    /** The account can sign in again. No session comes back. */
    enable: async (initiator: Initiator, id: string): Promise<AccountChange> => {
      const change = await changeOf(id, await accounts.enable(id, clock.now()));
      if (change === 'done') report(initiator, { event: 'account.enabled', userId: id });
      return change;
    },

    /** Ends all sessions of an account. Returns how many of them were alive. */
    endSessions: async (initiator: Initiator, id: string): Promise<number> => {
      const now = clock.now();
      const ended = await sessions.revokeAll(database, { userId: id }, 'ended_by_admin', now);
      announce(initiator, ended, 'ended_by_admin');
      return ended.filter((session) => session.endsAt > now).length;
    },

    /**
     * Replaces the password, and ends all sessions of the account.
     * @throws `password_too_common`
     */
    setPassword: async (initiator: Initiator, id: string, password: string): Promise<'done' | 'unknown_account'> => {
      const user = await users.find(id);
      if (user === undefined) return 'unknown_account';
      if (isTooCommon(password, user)) throw refuse('password_too_common');
      const passwordHash = await passwords.hash(password);
      const changed = await changeAndEnd(
        initiator,
        { id, cause: 'password_changed', now: clock.now() },
        (transaction) => accounts.setPassword(transaction, id, passwordHash),
      );
      if (changed === undefined) return 'unknown_account';
      report(initiator, { event: 'password.changed', userId: id });
      return 'done';
    },
  };
};
