import type { RevocationCause, Role, User } from '../../../shared/auth/index.ts';
import type { Clock } from '../clock.ts';
import type { CoreEvent, Initiator, Report } from '../events.ts';
import { ADMIN_ROLE } from '../roles.ts';
import { changeAndRecord, type RecordEvents } from '../store/recording.ts';
import type { Announce } from '../store/revocation-feed.ts';
import type { AuthDatabase } from '../store/tables.ts';
import { type AccountStore, LIST_ORDERS } from './account-store.ts';
import type { Accounts } from './accounts.ts';
import type { StoredUser } from './stored-user.ts';

/** An account as its administrators see it. */
export interface ManagedAccount extends User {
  /** ISO 8601 in UTC; null when the account may sign in. */
  disabledAt: string | null;
}

export const presentManaged = (accounts: Pick<Accounts, 'present'>, user: StoredUser): ManagedAccount => ({
  ...accounts.present(user),
  disabledAt: user.disabled_at === null ? null : new Date(user.disabled_at).toISOString(),
});

/** `unchanged`: it was so already. `last_admin`: nobody could administer any more, so nothing was done. */
export type AccountChange = 'done' | 'unchanged' | 'unknown_account' | 'last_admin';

export interface GuardedChange {
  /**
   * Do it even to the last administrator.
   * @default false
   */
  isForced?: boolean;
}

/** What ends the sessions of an account. */
export interface SessionEnding {
  /** Changes an account and ends all its sessions: both or neither. Undefined when there was nothing to change. */
  changeAndEnd(
    initiator: Initiator,
    ending: { userId: string; cause: RevocationCause; now: number },
    change: (transaction: AuthDatabase) => Promise<StoredUser | undefined>,
  ): Promise<StoredUser | undefined>;
  /** Returns how many of them were alive. */
  endAll(initiator: Initiator, userId: string, cause: RevocationCause): Promise<number>;
}

export interface AccountChangesOptions {
  database: AuthDatabase;
  store: AccountStore;
  accounts: Accounts;
  sessions: SessionEnding;
  clock: Clock;
  report: Report;
  record: RecordEvents;
  announce: Announce;
}

const PAGE = 500;

export type AccountChanges = ReturnType<typeof createAccountChanges>;

/** What administrators do with the accounts of others. The caller has made sure that the initiator may. */
export const createAccountChanges = (options: AccountChangesOptions) => {
  const { database, store, accounts, sessions, clock, report, record, announce } = options;

  const changeOf = async (id: string, changed: StoredUser | undefined): Promise<AccountChange> => {
    if (changed !== undefined) {
      await announce([{ kind: 'user', userId: id, ver: changed.ver }]);
      return 'done';
    }
    return (await store.find(id)) === undefined ? 'unknown_account' : 'unchanged';
  };

  /** Changes the account by one statement, and tells of it. */
  const change = async (
    initiator: Initiator,
    id: string,
    event: CoreEvent,
    statement: (db: AuthDatabase) => Promise<StoredUser | undefined>,
  ): Promise<AccountChange> => {
    const changed = await changeAndRecord({ database, record }, initiator, statement, (user) =>
      user === undefined ? [] : [event],
    );
    const outcome = await changeOf(id, changed);
    if (outcome === 'done') report(initiator, event);
    return outcome;
  };

  const refusedLast = (initiator: Initiator, id: string): 'last_admin' => {
    report(initiator, { event: 'last_admin.kept', userId: id });
    return 'last_admin';
  };

  return {
    /** By username or e-mail, in any spelling. */
    find: async (identifier: string): Promise<ManagedAccount | undefined> => {
      const user = await accounts.findByIdentifier(identifier);
      return user && presentManaged(accounts, user);
    },

    /** All accounts by username, then those without one by e-mail. Reads them in pages. */
    list: async function* (): AsyncGenerator<ManagedAccount, void, undefined> {
      for (const order of LIST_ORDERS) {
        let after: string | null | undefined = '';
        while (typeof after === 'string') {
          const page = await store.list(order, after, PAGE);
          yield* page.map((user) => presentManaged(accounts, user));
          after = page.length < PAGE ? undefined : page.at(-1)?.key;
        }
      }
    },

    /** Access tokens without the role are stale at once: the next refresh brings it. */
    grantRole: (initiator: Initiator, id: string, role: Role): Promise<AccountChange> =>
      change(initiator, id, { event: 'role.granted', userId: id, role }, (db) =>
        store.grantRole(db, id, role, clock.now()),
      ),

    /** Access tokens with the role are stale at once. */
    revokeRole: async (
      initiator: Initiator,
      id: string,
      role: Role,
      { isForced = false }: GuardedChange = {},
    ): Promise<AccountChange> => {
      const event: CoreEvent = { event: 'role.revoked', userId: id, role };
      const revoked = await database.transaction().execute(async (transaction) => {
        const isLast = role === ADMIN_ROLE && !isForced && (await store.isLastAdmin(transaction, id));
        if (isLast) return 'last_admin';
        const user = await store.revokeRole(transaction, id, role, clock.now());
        if (user !== undefined) await record(transaction, initiator, [event]);
        return user;
      });
      if (revoked === 'last_admin') return refusedLast(initiator, id);
      const outcome = await changeOf(id, revoked);
      if (outcome === 'done') report(initiator, event);
      return outcome;
    },

    /** The account cannot sign in any more, and all its sessions end. */
    disable: async (
      initiator: Initiator,
      id: string,
      { isForced = false }: GuardedChange = {},
    ): Promise<AccountChange> => {
      const now = clock.now();
      const event: CoreEvent = { event: 'account.disabled', userId: id };
      let isLast = false;
      const disabled = await sessions.changeAndEnd(
        initiator,
        { userId: id, cause: 'account_disabled', now },
        async (transaction) => {
          isLast = !isForced && (await store.isLastAdmin(transaction, id));
          if (isLast) return undefined;
          const user = await store.disable(transaction, id, now);
          if (user !== undefined) await record(transaction, initiator, [event]);
          return user;
        },
      );
      if (isLast) return refusedLast(initiator, id);
      if (disabled !== undefined) report(initiator, event);
      return await changeOf(id, disabled);
    },

    /** The account can sign in again. No session comes back. */
    enable: (initiator: Initiator, id: string): Promise<AccountChange> =>
      change(initiator, id, { event: 'account.enabled', userId: id }, (db) => store.enable(db, id, clock.now())),

    /** Ends all sessions of an account. Returns how many of them were alive. */
    endSessions: (initiator: Initiator, id: string): Promise<number> =>
      sessions.endAll(initiator, id, 'ended_by_admin'),
  };
};
