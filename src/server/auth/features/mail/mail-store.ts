import { type Kysely, sql } from 'kysely';
import { MINUTE } from '../../clock.ts';
import type { AuthDatabase } from '../../store/tables.ts';
import type { MailOutcome, MailRow, MailTables } from './mail-tables.ts';

/** Whoever takes a mail has it for so long. Sending takes less, or is broken off. */
export const LEASE_MS = MINUTE;

/** A mail that may be taken, as it was seen. */
export type DueMail = Pick<MailRow, 'id' | 'try_at'>;

const withMails = (db: AuthDatabase): Kysely<MailTables> => db.withTables<MailTables>();

/** Leaves though its account is gone: it is what tells of it. */
const FAREWELL = 'account_deleted';

export type MailStore = ReturnType<typeof createMailStore>;

/** The statements on `auth_mails`. */
export const createMailStore = (database: AuthDatabase) => {
  const db = withMails(database);

  return {
    insert: async (
      transaction: AuthDatabase,
      row: Omit<MailRow, 'attempts' | 'over_at' | 'outcome'>,
    ): Promise<void> => {
      await withMails(transaction)
        .insertInto('auth_mails')
        .values({ ...row, attempts: 0, over_at: null, outcome: null })
        .execute();
    },

    findRecipient: (transaction: AuthDatabase, userId: string) =>
      transaction
        .selectFrom('auth_users')
        .select(['email', 'email_verified_at', 'username'])
        .where('id', '=', userId)
        .executeTakeFirst(),

    /** Whether an account has been written to of that, then or since. Looked at in the day for which rows are kept. */
    hasSince: async (
      transaction: AuthDatabase,
      { userId, kind, since }: { userId: string; kind: string; since: number },
    ): Promise<boolean> => {
      const found = await withMails(transaction)
        .selectFrom('auth_mails')
        .select('id')
        .where('user_id', '=', userId)
        .where('kind', '=', kind)
        .where('created_at', '>', since)
        .executeTakeFirst();
      return found !== undefined;
    },

    /** Those that are to be tried by now, the longest overdue first. */
    listDue: (now: number, limit: number): Promise<DueMail[]> =>
      db
        .selectFrom('auth_mails')
        .select(['id', 'try_at'])
        .where('over_at', 'is', null)
        .where('try_at', '<=', now)
        .orderBy('try_at')
        .limit(limit)
        .execute(),

    countWaiting: async (): Promise<number> => {
      const { waiting } = await db
        .selectFrom('auth_mails')
        .select(({ fn }) => fn.countAll().as('waiting'))
        .where('over_at', 'is', null)
        .executeTakeFirstOrThrow();
      return Number(waiting);
    },

    /** When the next one is to be tried, among those that anybody has taken as well. */
    nextTryAt: async (): Promise<number | undefined> => {
      const next = await db
        .selectFrom('auth_mails')
        .select('try_at')
        .where('over_at', 'is', null)
        .orderBy('try_at')
        .limit(1)
        .executeTakeFirst();
      return next?.try_at;
    },

    /** Takes one for as long as it may take to send it. Undefined: somebody else was quicker. */
    take: (seen: DueMail, now: number): Promise<MailRow | undefined> =>
      db
        .updateTable('auth_mails')
        .set({ try_at: now + LEASE_MS, attempts: sql<number>`attempts + 1` })
        .where('id', '=', seen.id)
        .where('try_at', '=', seen.try_at)
        .where('over_at', 'is', null)
        .returningAll()
        .executeTakeFirst(),

    /**
     * Whether anybody still wants it: its account is there, and what its link leads to can still be finished. Looked at
     * just before it leaves.
     */
    isWanted: async ({ kind, user_id: userId, flow_hash: flowHash }: MailRow, now: number): Promise<boolean> => {
      const mustStand = userId !== null && kind !== FAREWELL;
      if (!mustStand && flowHash === null) return true;
      const user = db
        .selectFrom('auth_users')
        .select('auth_users.id')
        .where('auth_users.id', '=', userId)
        // Its row stays for a while, and a request that was under way may have queued this one behind `dropAll`.
        .where('auth_users.deleted_at', 'is', null);
      const flow = db
        .selectFrom('auth_flows as f')
        .leftJoin('auth_users as u', 'u.id', 'f.user_id')
        .select('f.name_hash')
        .where('f.name_hash', '=', flowHash)
        .where('f.used_at', 'is', null)
        .where('f.ends_at', '>', now)
        .where((where) => where.or([where('f.ver', 'is', null), where('f.ver', '=', where.ref('u.ver'))]));
      const { has_user: hasUser, has_flow: hasFlow } = await db
        .selectNoFrom((select) => [select.exists(user).as('has_user'), select.exists(flow).as('has_flow')])
        .executeTakeFirstOrThrow();
      return (!mustStand || Boolean(hasUser)) && (flowHash === null || Boolean(hasFlow));
    },

    /** To be tried again, unless somebody else has taken it since. */
    postpone: async ({ id, attempts }: MailRow, tryAt: number): Promise<void> => {
      await db
        .updateTable('auth_mails')
        .set({ try_at: tryAt })
        .where('id', '=', id)
        .where('attempts', '=', attempts)
        .where('over_at', 'is', null)
        .execute();
    },

    /** It is over. What it said is kept only where it is to be read here. */
    end: async (
      transaction: AuthDatabase,
      { id }: Pick<MailRow, 'id'>,
      outcome: MailOutcome,
      now: number,
    ): Promise<void> => {
      await withMails(transaction)
        .updateTable('auth_mails')
        .set({ over_at: now, outcome, ...(outcome !== 'kept' && { content: '' }) })
        .where('id', '=', id)
        .where('over_at', 'is', null)
        .execute();
    },

    /** What is still to be sent to an account that goes, but that it is gone. In the transaction that deletes it. */
    dropAll: async (transaction: AuthDatabase, userId: string, now: number): Promise<void> => {
      await withMails(transaction)
        .updateTable('auth_mails')
        .set({ over_at: now, outcome: 'dropped', content: '' })
        .where('user_id', '=', userId)
        .where('kind', '<>', FAREWELL)
        .where('over_at', 'is', null)
        .execute();
    },

    /** What was and is to be sent to a person: what it says is sealed, and gone once it has left. */
    exportOf: async (userId: string) => {
      const rows = await db
        .selectFrom('auth_mails')
        .select(['id', 'kind', 'attempts', 'outcome', 'created_at', 'ends_at', 'over_at'])
        .where('user_id', '=', userId)
        .orderBy('created_at', 'desc')
        .orderBy('id')
        .execute();
      const iso = (at: number): string => new Date(at).toISOString();
      return rows.map(({ created_at: createdAt, ends_at: endsAt, over_at: overAt, ...row }) => ({
        ...row,
        createdAt: iso(createdAt),
        endsAt: iso(endsAt),
        overAt: overAt === null ? null : iso(overAt),
      }));
    },

    /** What can be read here, the newest first. */
    listKept: (limit: number): Promise<MailRow[]> =>
      db
        .selectFrom('auth_mails')
        .selectAll()
        .where('outcome', '=', 'kept')
        .orderBy('created_at', 'desc')
        .orderBy('id')
        .limit(limit)
        .execute(),
  };
};
