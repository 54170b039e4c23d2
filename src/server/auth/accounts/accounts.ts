import { identifierKey } from '../../../shared/auth/identifiers.ts';
import type { Role } from '../../../shared/auth/roles.ts';
import type { User } from '../../../shared/auth/schemas.ts';
import type { Clock } from '../clock.ts';
import { createCoreSlot } from '../slot.ts';
import type { AuthDatabase } from '../store/tables.ts';
import type { AccountStore, FoundUser, TakenIdentifier } from './account-store.ts';
import { type AccountNames, keysOf } from './identifier-keys.ts';
import { type DraftAccount, draftAccount, type NewAccount } from './new-account.ts';
import type { OnSignUp } from './sign-up.ts';
import { presentUser, type StoredUser } from './stored-user.ts';

export interface Accounts {
  /** The user as every answer shows it. */
  present(user: StoredUser): User;
  find(id: string): Promise<User | undefined>;
  /** By username or e-mail, in any spelling. */
  findByIdentifier(identifier: string): Promise<StoredUser | undefined>;
  /** Somebody who may sign in, as `confirm` wants to find them. */
  findForSignIn(id: string, transaction?: AuthDatabase): Promise<FoundUser | undefined>;
  /** Which of the two identifiers is taken, if any. The insert of a draft alone is certain. */
  findTaken(names: AccountNames): Promise<TakenIdentifier | undefined>;
  draft(account: NewAccount): DraftAccount;
  /**
   * Makes sure, in the transaction that starts a session, that the account is still as it was found. Undefined: it is
   * not.
   */
  confirm(
    transaction: AuthDatabase,
    found: Pick<FoundUser, 'id' | 'ver' | 'devices'>,
    deviceHash: string,
  ): Promise<StoredUser | undefined>;
}

export const accountsSlot = createCoreSlot<Accounts>('accounts');

/** Who there is. How one proves to be somebody is for the features to say. */
export const createAccounts = ({
  database,
  store,
  clock,
  roles,
  onSignUp = () => {},
  isAddressHeld = () => Promise.resolve(false),
}: {
  database: AuthDatabase;
  store: AccountStore;
  clock: Clock;
  roles: readonly Role[];
  onSignUp?: OnSignUp | undefined;
  /** Whether an address is kept for somebody who can take it back. @default nobody can */
  isAddressHeld?: ((transaction: AuthDatabase, email: string) => Promise<boolean>) | undefined;
}): Accounts => ({
  present: (user) => presentUser(user, roles),
  find: async (id) => {
    const user = await store.find(id);
    return user && presentUser(user, roles);
  },
  findByIdentifier: (identifier) => store.findByIdentifier(identifierKey(identifier)),
  findForSignIn: (id, transaction = database) => store.findForSignIn(transaction, id),
  findTaken: (names) => store.findTaken(database, keysOf(names)),
  draft: (account) => {
    const { user, insert } = draftAccount(store, { roles: roles.slice(0, 1), ...account }, clock.now());
    return {
      user,
      insert: async (transaction, deviceHash) => {
        const taken = await insert(transaction, deviceHash);
        // Behind the insert, which waits for whoever gives the address up.
        if (taken === undefined && (await isAddressHeld(transaction, account.email))) return 'email_taken';
        if (taken === undefined) await onSignUp({ user: presentUser(user, roles), transaction });
        return taken;
      },
    };
  },
  confirm: (transaction, found, deviceHash) => store.confirm(transaction, found, { deviceHash, now: clock.now() }),
});
