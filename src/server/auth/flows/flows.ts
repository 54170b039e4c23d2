import { identifierKey } from '../../../shared/auth/identifiers.ts';
import type { Clock } from '../clock.ts';
import { createCoreSlot } from '../slot.ts';
import type { AuthDatabase } from '../store/tables.ts';
import type { Sealing } from '../tokens/sealing.ts';
import { createRandomName, hashSecret } from '../tokens/secrets.ts';
import type { Flow, FlowColumns, FlowData, FlowOwner, NewFlow } from './flow.ts';
import type { Ending, FlowStore, OwnerColumns } from './flow-store.ts';

/** By the name that `begin` gave, or as it was found by its browser, which has no name at hand. */
export type FlowReference = string | Pick<Flow, 'nameHash'>;

/** All that people have begun and not finished. */
export interface Flows {
  /**
   * Begins one, in the transaction given or by itself.
   * @returns its name, 32 random bytes in base64url. Whoever has it can finish the flow, from the browser if it is
   * bound to one.
   */
  begin(flow: NewFlow, transaction?: AuthDatabase): Promise<string>;
  /**
   * Counts a try, by a statement of its own that stands whatever follows. Undefined: there is no such flow for this
   * browser, or it is over: used, too old, tried five times, or its account has changed. Never inside a transaction,
   * which on SQLite holds the only connection.
   */
  attempt(flow: FlowReference, kind: string | readonly string[], browser?: string): Promise<Flow | undefined>;
  /** Takes a try back that nobody looked at: the password was not given, or the service failed. */
  refund(flow: FlowReference): Promise<void>;
  /**
   * Finishes it, in the transaction of its effect: of many at once one gets it, and the others undefined. Whoever
   * changes the account in that transaction writes its row before, guarded by `ver`: every transaction takes the
   * account first.
   */
  consume(flow: FlowReference, kind: string | readonly string[], transaction: AuthDatabase): Promise<Flow | undefined>;
  /** Those of an owner that can still be finished, newest first. Counts no try. */
  find(owner: FlowOwner, kinds: readonly string[], transaction?: AuthDatabase): Promise<Flow[]>;
  /** Voids those of an owner that are not finished: all, of some kinds, all but some, or those that began since. */
  voidAll(owner: FlowOwner & Ending, transaction?: AuthDatabase): Promise<void>;
  /** Whether an address is kept by a flow of this kind for somebody, or for somebody else than the one named. */
  holdsAddress(
    address: string,
    options: { kind: string; exceptUserId?: string },
    transaction?: AuthDatabase,
  ): Promise<boolean>;
  /** Those of many addresses that are kept by a flow of this kind, as they were given, by one statement. */
  heldAddresses(addresses: readonly string[], kind: string, transaction?: AuthDatabase): Promise<ReadonlySet<string>>;
}

export const flowsSlot = createCoreSlot<Flows>('flows');

const hashOf = (flow: FlowReference): string => (typeof flow === 'string' ? hashSecret(flow) : flow.nameHash);

/** Hashed, so that it can be looked up and not read. */
const addressHash = (address: string): string => hashSecret(identifierKey(address));

const columnsOf = ({ userId, sid, browser, address }: FlowOwner): OwnerColumns => {
  const columns: OwnerColumns = {
    ...(userId !== undefined && { user_id: userId }),
    ...(sid !== undefined && { sid }),
    ...(browser !== undefined && { browser_hash: hashSecret(browser) }),
    ...(address !== undefined && { address_hash: addressHash(address) }),
  };
  if (Object.keys(columns).length === 0)
    throw new TypeError('Flows have an owner: a user, session, browser or address.');
  return columns;
};

/** Of whom there may be so many at once. */
const countedBy = ({ userId, address, browser, sid }: NewFlow): FlowOwner => {
  if (userId !== undefined) return { userId };
  if (address !== undefined) return { address };
  if (browser !== undefined) return { browser };
  return sid === undefined ? {} : { sid };
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const TABLE = 'auth_flows';

export const createFlows = ({
  database,
  store,
  sealing,
  clock,
}: {
  database: AuthDatabase;
  store: FlowStore;
  sealing: Sealing;
  clock: Clock;
}): Flows => {
  const open = ({ name_hash: row, user_id: userId, data }: FlowColumns): FlowData => {
    const opened = data === null ? undefined : sealing.open({ table: TABLE, row, userId }, data);
    const value: unknown = opened && JSON.parse(opened.value);
    return isRecord(value) ? value : undefined;
  };

  const toFlow = (row: FlowColumns): Flow => ({
    nameHash: row.name_hash,
    kind: row.kind,
    userId: row.user_id,
    sid: row.sid,
    data: open(row),
    ver: row.ver,
    createdAt: row.created_at,
    endsAt: row.ends_at,
  });

  return {
    begin: async (flow, transaction = database) => {
      const { kind, userId = null, sid = null, browser, address, data, ver = null, ttlMs, maxAlive } = flow;
      const name = createRandomName();
      const nameHash = hashSecret(name);
      const now = clock.now();
      await store.insert(transaction, {
        name_hash: nameHash,
        kind,
        user_id: userId,
        sid,
        browser_hash: browser === undefined ? null : hashSecret(browser),
        address_hash: address === undefined ? null : addressHash(address),
        data: data === undefined ? null : sealing.seal({ table: TABLE, row: nameHash, userId }, JSON.stringify(data)),
        ver,
        created_at: now,
        ends_at: now + ttlMs,
      });
      if (maxAlive !== undefined) {
        await store.endOldest(transaction, columnsOf(countedBy(flow)), { kind, nameHash, kept: maxAlive, now });
      }
      return name;
    },

    attempt: async (flow, kind, browser) => {
      const browserHash = browser === undefined ? undefined : hashSecret(browser);
      const row = await store.attempt({ nameHash: hashOf(flow), kinds: [kind].flat(), browserHash }, clock.now());
      return row && toFlow(row);
    },

    refund: (flow) => store.refund(hashOf(flow)),

    consume: async (flow, kind, transaction) => {
      const row = await store.consume(transaction, { nameHash: hashOf(flow), kinds: [kind].flat() }, clock.now());
      return row && toFlow(row);
    },

    find: async (owner, kinds, transaction = database) => {
      const rows = await store.list(transaction, columnsOf(owner), kinds, clock.now());
      return rows.map(toFlow);
    },

    voidAll: (ending, transaction = database) => store.end(transaction, columnsOf(ending), ending),

    holdsAddress: (address, { kind, exceptUserId }, transaction = database) =>
      store.isAddressHeld(transaction, { kind, addressHash: addressHash(address), exceptUserId }, clock.now()),

    heldAddresses: async (addresses, kind, transaction = database) => {
      if (addresses.length === 0) return new Set();
      const addressHashes = addresses.map(addressHash);
      const held = new Set(await store.findHeldAddresses(transaction, { kind, addressHashes }, clock.now()));
      return new Set(addresses.filter((_address, index) => held.has(addressHashes[index] ?? null)));
    },
  };
};
