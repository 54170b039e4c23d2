import { identifierKey } from '../../../shared/auth/identifiers.ts';
import type { Flows } from '../flows/flows.ts';
import type { AuthDatabase } from '../store/tables.ts';
import { raiseVersion } from './account-store.ts';
import { STORED_USER, type StoredUser } from './stored-user.ts';

/** The kind of flow that keeps an address for whom it can be taken back by. */
export const WAY_BACK = 'revert_email';

export type ConfirmedAddress =
  | {
      kind: 'confirmed';
      user: StoredUser;
      /** What the account had before. */
      before: StoredUser;
      /** Whose claim has been taken over. */
      displaced?: StoredUser;
    }
  /** Somebody else has it confirmed, or can take it back. */
  | { kind: 'taken' }
  /** The account is gone or disabled. */
  | { kind: 'over' };

/** Whether an address can be an account's. */
export type FreedAddress = { kind: 'free'; displaced?: StoredUser } | { kind: 'taken' };

export interface AddressChanges {
  /** Has nobody claim an address that is about to be a new account's confirmed one. */
  free(transaction: AuthDatabase, email: string, now: number): Promise<FreedAddress>;
  /**
   * Has an account's owner proven to receive mail there: it becomes the account's confirmed address. An address is a
   * claim until then, and one that somebody else claims is taken over. Raises `ver` of each account that changes, which
   * the caller announces.
   */
  confirm(transaction: AuthDatabase, change: { userId: string; email: string; now: number }): Promise<ConfirmedAddress>;
}

/** Writes the row as it is: who else would change it waits for the end of the transaction, on either store. */
const lock = (transaction: AuthDatabase, id: string) =>
  transaction
    .updateTable('auth_users')
    .set((row) => ({ devices: row.ref('devices') }))
    .where('id', '=', id)
    .returning([...STORED_USER, 'email_key'])
    .executeTakeFirst();

const findHolder = async (transaction: AuthDatabase, key: string): Promise<string | undefined> => {
  const holder = await transaction
    .selectFrom('auth_users')
    .select('id')
    .where('email_key', '=', key)
    .executeTakeFirst();
  return holder?.id;
};

type Holder = StoredUser & { email_key: string | null };

/** Takes a claim away: its account keeps its name and its ways in. */
const displace = (transaction: AuthDatabase, { id }: Holder, now: number): Promise<StoredUser> =>
  raiseVersion(transaction, id, now)
    .set({ email: null, email_key: null, email_verified_at: null })
    .executeTakeFirstOrThrow();

export const createAddressChanges = ({ flows }: { flows: Pick<Flows, 'holdsAddress'> }): AddressChanges => {
  /** What keeps an account, or a new one, from having an address. */
  const isTaken = async (
    transaction: AuthDatabase,
    { email, userId, holder }: { email: string; userId?: string; holder: Holder | undefined },
  ): Promise<boolean> =>
    (holder !== undefined && holder.email_verified_at !== null) ||
    (await flows.holdsAddress(
      email,
      { kind: WAY_BACK, ...(userId !== undefined && { exceptUserId: userId }) },
      transaction,
    ));

  return {
    free: async (transaction, email, now) => {
      const key = identifierKey(email);
      const id = await findHolder(transaction, key);
      const locked = id === undefined ? undefined : await lock(transaction, id);
      const holder = locked?.email_key === key ? locked : undefined;
      if (await isTaken(transaction, { email, holder })) return { kind: 'taken' };
      return { kind: 'free', ...(holder !== undefined && { displaced: await displace(transaction, holder, now) }) };
    },

    confirm: async (transaction, { userId, email, now }) => {
      const key = identifierKey(email);
      const holderId = await findHolder(transaction, key);
      // In one order, so that two who take each other's claims do not wait for each other.
      const ids = [...new Set([userId, holderId ?? userId])].toSorted();
      const locked: (Holder | undefined)[] = [];
      for (const id of ids) locked.push(await lock(transaction, id));
      const before = locked.find((user) => user?.id === userId);
      if (before === undefined || before.disabled_at !== null) return { kind: 'over' };
      if (before.email_key === key && before.email_verified_at !== null) {
        return { kind: 'confirmed', user: before, before };
      }
      const holder = locked.find((user) => user !== undefined && user.id !== userId && user.email_key === key);
      if (await isTaken(transaction, { email, userId, holder })) return { kind: 'taken' };
      const displaced = holder && (await displace(transaction, holder, now));
      const user = await raiseVersion(transaction, userId, now)
        .set({ email, email_key: key, email_verified_at: now })
        .executeTakeFirstOrThrow();
      return { kind: 'confirmed', user, before, ...(displaced !== undefined && { displaced }) };
    },
  };
};
