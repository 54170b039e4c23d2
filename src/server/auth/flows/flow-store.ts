import { type ExpressionBuilder, sql } from 'kysely';
import type { AuthDatabase, AuthTables, FlowRow } from '../store/tables.ts';
import { FLOW_COLUMNS, type FlowColumns, MAX_FLOW_ATTEMPTS } from './flow.ts';

export interface FlowName {
  nameHash: string;
  kinds: readonly string[];
  /** The hash of the browser's cookie, where the flow may be bound to one. */
  browserHash?: string | undefined;
}

/** The columns that say whose a flow is. */
export type OwnerColumns = Partial<Pick<FlowRow, 'user_id' | 'sid' | 'browser_hash' | 'address_hash'>>;

/** Which of an owner's flows end: all of them, or of some kinds, or all but some, or those that began since. */
export interface Ending {
  kinds?: readonly string[];
  exceptKinds?: readonly string[];
  since?: number;
}

type Where = ExpressionBuilder<AuthTables, 'auth_flows'>;

const isAlive = (where: Where, now: number) => where.and([where('used_at', 'is', null), where('ends_at', '>', now)]);

/** Whether the account, if it is for one, may still act and is as it was when the flow began. */
const isStanding = (where: Where) =>
  where.or([
    where('auth_flows.user_id', 'is', null),
    where.exists(
      where
        .selectFrom('auth_users as u')
        .select('u.id')
        .whereRef('u.id', '=', 'auth_flows.user_id')
        .where('u.disabled_at', 'is', null)
        .where((same) => same.or([same('auth_flows.ver', 'is', null), same('auth_flows.ver', '=', same.ref('u.ver'))])),
    ),
  ]);

/** Bound to no browser, or to the one that asks. */
const isFrom = (where: Where, browserHash: string | undefined) =>
  browserHash === undefined
    ? where('browser_hash', 'is', null)
    : where.or([where('browser_hash', 'is', null), where('browser_hash', '=', browserHash)]);

const isOf = (where: Where, owner: OwnerColumns) =>
  where.and(
    (['user_id', 'sid', 'browser_hash', 'address_hash'] as const).flatMap((column) => {
      const value = owner[column];
      return value === undefined ? [] : [where(column, '=', value)];
    }),
  );

/** The statements on `auth_flows`. */
export const createFlowStore = (database: AuthDatabase) => ({
  insert: async (db: AuthDatabase, row: Omit<FlowRow, 'attempts' | 'used_at'>): Promise<void> => {
    await db
      .insertInto('auth_flows')
      .values({ ...row, attempts: 0, used_at: null })
      .execute();
  },

  /** Counts a try, which stands whatever follows: of many at once, so many are looked at. Undefined: it is over. */
  attempt: async ({ nameHash, kinds, browserHash }: FlowName, now: number): Promise<FlowColumns | undefined> =>
    await database
      .updateTable('auth_flows')
      .set({ attempts: sql<number>`attempts + 1` })
      .where('name_hash', '=', nameHash)
      .where('kind', 'in', kinds)
      .where('attempts', '<', MAX_FLOW_ATTEMPTS)
      .where((where) => where.and([isAlive(where, now), isStanding(where), isFrom(where, browserHash)]))
      .returning(FLOW_COLUMNS)
      .executeTakeFirst(),

  /** Takes a try back that nobody looked at. */
  refund: async (nameHash: string): Promise<void> => {
    await database
      .updateTable('auth_flows')
      .set({ attempts: sql<number>`attempts - 1` })
      .where('name_hash', '=', nameHash)
      .where('attempts', '>', 0)
      .execute();
  },

  /** The one compare-and-swap: of many at once, one gets it. */
  consume: async (db: AuthDatabase, { nameHash, kinds }: FlowName, now: number): Promise<FlowColumns | undefined> =>
    await db
      .updateTable('auth_flows')
      .set({ used_at: now })
      .where('name_hash', '=', nameHash)
      .where('kind', 'in', kinds)
      .where((where) => isAlive(where, now))
      .returning(FLOW_COLUMNS)
      .executeTakeFirst(),

  /** Alive ones, newest first. Counts no try. */
  list: async (db: AuthDatabase, owner: OwnerColumns, kinds: readonly string[], now: number): Promise<FlowColumns[]> =>
    await db
      .selectFrom('auth_flows')
      .select(FLOW_COLUMNS)
      .where('kind', 'in', kinds)
      .where('attempts', '<', MAX_FLOW_ATTEMPTS)
      .where((where) => where.and([isOf(where, owner), isAlive(where, now), isStanding(where)]))
      .orderBy('created_at', 'desc')
      .orderBy('name_hash')
      .execute(),

  /** Ends the oldest of a kind beyond so many. The one named, which has just begun, is not among those that end. */
  endOldest: async (
    db: AuthDatabase,
    owner: OwnerColumns,
    { kind, nameHash, kept, now }: { kind: string; nameHash: string; kept: number; now: number },
  ): Promise<void> => {
    const others = await db
      .selectFrom('auth_flows')
      .select('name_hash')
      .where('kind', '=', kind)
      .where('name_hash', '<>', nameHash)
      .where((where) => where.and([isOf(where, owner), isAlive(where, now)]))
      .orderBy('created_at', 'desc')
      .orderBy('name_hash')
      .execute();
    const ended = others.slice(kept - 1).map(({ name_hash: name }) => name);
    if (ended.length === 0) return;
    await db.deleteFrom('auth_flows').where('name_hash', 'in', ended).where('used_at', 'is', null).execute();
  },

  /** Voids what is not finished. */
  end: async (db: AuthDatabase, owner: OwnerColumns, { kinds, exceptKinds = [], since }: Ending): Promise<void> => {
    await db
      .deleteFrom('auth_flows')
      .where((where) => isOf(where, owner))
      .where('used_at', 'is', null)
      .$if(kinds !== undefined, (query) => query.where('kind', 'in', kinds ?? []))
      .$if(since !== undefined, (query) => query.where('created_at', '>=', since ?? 0))
      .$if(exceptKinds.length > 0, (query) => query.where('kind', 'not in', exceptKinds))
      .execute();
  },

  /** Whether an address is kept for somebody by a flow of this kind. */
  isAddressHeld: async (
    db: AuthDatabase,
    { kind, addressHash, exceptUserId }: { kind: string; addressHash: string; exceptUserId: string | undefined },
    now: number,
  ): Promise<boolean> => {
    const held = await db
      .selectFrom('auth_flows')
      .select('name_hash')
      .where('address_hash', '=', addressHash)
      .where('kind', '=', kind)
      .where((where) => isAlive(where, now))
      .$if(exceptUserId !== undefined, (query) => query.where('user_id', '<>', exceptUserId ?? ''))
      .executeTakeFirst();
    return held !== undefined;
  },

  /** Of many addresses those that are kept for somebody by a flow of this kind. */
  findHeldAddresses: async (
    db: AuthDatabase,
    { kind, addressHashes }: { kind: string; addressHashes: readonly string[] },
    now: number,
  ): Promise<(string | null)[]> => {
    const rows = await db
      .selectFrom('auth_flows')
      .select('address_hash')
      .where('address_hash', 'in', addressHashes)
      .where('kind', '=', kind)
      .where((where) => isAlive(where, now))
      .execute();
    return rows.map(({ address_hash: hash }) => hash);
  },
});

export type FlowStore = ReturnType<typeof createFlowStore>;
