import { sql } from 'kysely';
import type { RevocationCause } from '../../../shared/auth/index.ts';
import type { StoredUser } from '../accounts/stored-user.ts';
import { announced } from '../store/announced.ts';
import { prepare } from '../store/prepared-statement.ts';
import type { AuthDatabase, SessionRow } from '../store/tables.ts';
import type { RefreshToken } from '../tokens/refresh-tokens.ts';
import { hashSecret } from '../tokens/secrets.ts';
import { createAdvance } from './advance-session.ts';
import { sessionEndsAt } from './rotation.ts';
import {
  SESSION_COLUMNS,
  SESSION_WITH_USER,
  type SessionName,
  type StoredSession,
  toStoredSession,
} from './stored-session.ts';

/** What ended, for the log and for the revocation feed. */
export interface EndedSession extends SessionName {
  id: string;
}

export type NewSession = Omit<SessionRow, 'revoked_at' | 'revoked_cause'>;

/** More than one is over the limit only where there was none before. */
const MAX_ENDED_AT_ONCE = 1000;

const ENDED = ['sid', 'id', 'user_id as userId'] as const;

/** Whatever ends a session ends it once: the first cause stands. The caller announces it after the commit. */
const revocation = (db: AuthDatabase, cause: RevocationCause, now: number) =>
  db
    .updateTable('auth_sessions')
    .set({ revoked_at: now, revoked_cause: cause })
    .where('revoked_at', 'is', null)
    .where(announced);

/**
 * The public id of the session of this name. It is unique among those that live, and one that took the place of another
 * has its id: so whoever holds what names the one before ends the one that goes on.
 */
const named = (db: Pick<AuthDatabase, 'selectFrom'>, { sid, userId }: SessionName) =>
  db.selectFrom('auth_sessions as old').select('old.id').where('old.sid', '=', sid).where('old.user_id', '=', userId);

export type SessionStore = ReturnType<typeof createSessionStore>;

/** The statements on sessions, but for the usual rotation: `createRotateOrFind` has that. */
export const createSessionStore = (database: AuthDatabase) => {
  const findStatement = prepare<SessionName>()((value) =>
    database
      .selectFrom('auth_sessions as s')
      .innerJoin('auth_users as u', 'u.id', 's.user_id')
      .where('s.sid', '=', value.sid)
      .where('s.user_id', '=', value.userId)
      .select(SESSION_WITH_USER),
  );

  return {
    find: async ({ sid, userId }: SessionName): Promise<StoredSession | undefined> => {
      const [row] = (await findStatement(database, { sid, userId })).rows;
      return row && toStoredSession(row);
    },

    advance: createAdvance(database),

    /**
     * Returns how many sessions of the user are not revoked, expired ones included; the store may leave out the new
     * one.
     */
    insert: async (transaction: AuthDatabase, session: NewSession): Promise<number> => {
      const { standing } = await transaction
        .insertInto('auth_sessions')
        .values({ ...session, revoked_at: null, revoked_cause: null })
        .returning((row) =>
          row
            .selectFrom('auth_sessions as all')
            .select(sql<number>`count(*)`.as('count'))
            .where('all.user_id', '=', session.user_id)
            .where('all.revoked_at', 'is', null)
            .as('standing'),
        )
        .executeTakeFirstOrThrow();
      return Number(standing);
    },

    /** Ends all live sessions of a user but so many: the one that has just started, and those that were used last. */
    revokeLeastUsed: async (
      transaction: AuthDatabase,
      { sid, user_id: userId }: Pick<NewSession, 'sid' | 'user_id'>,
      kept: number,
      now: number,
    ): Promise<EndedSession[]> =>
      await revocation(transaction, 'too_many_sessions', now)
        .where('user_id', '=', userId)
        .where('sid', 'in', (query) =>
          query
            .selectFrom('auth_sessions')
            .select('sid')
            .where('user_id', '=', userId)
            .where('revoked_at', 'is', null)
            .where('idle_ends_at', '>', now)
            .where('absolute_ends_at', '>', now)
            .where('sid', '<>', sid)
            .orderBy('issued_at', 'desc')
            .orderBy('sid')
            // SQLite takes no offset without a limit.
            .limit(MAX_ENDED_AT_ONCE)
            .offset(kept - 1),
        )
        .returning(ENDED)
        .execute(),

    /** Ends one session or its successor, once: undefined when it had ended before, or never was. */
    revoke: async (
      db: AuthDatabase,
      { sid, userId }: SessionName,
      cause: RevocationCause,
      now: number,
    ): Promise<EndedSession | undefined> =>
      await revocation(db, cause, now)
        .where('user_id', '=', userId)
        .where('id', '=', named(db, { sid, userId }))
        .returning(ENDED)
        .executeTakeFirst(),

    /**
     * Ends one session if no generation was made or confirmed since its row was found.
     * @param restsOnWindow whether the window may not have been opened either.
     */
    revokeUnchanged: async (
      db: AuthDatabase,
      { sid, user, state }: StoredSession,
      cause: RevocationCause,
      { now, restsOnWindow }: { now: number; restsOnWindow: boolean },
    ): Promise<EndedSession | undefined> =>
      await revocation(db, cause, now)
        .where('sid', '=', sid)
        .where('user_id', '=', user.id)
        .where('issued', '=', state.issued)
        .where('confirmed', '=', state.confirmed)
        .$if(restsOnWindow, (query) => query.where('handed_at', '=', state.handedAt))
        .returning(ENDED)
        .executeTakeFirst(),

    /**
     * Ends the session that a refresh token names, or its successor, whatever its generation, if its secret is right.
     */
    revokeAuthentic: async (
      db: AuthDatabase,
      token: Pick<RefreshToken, 'sid' | 'sec' | 'userId'>,
      cause: RevocationCause,
      now: number,
    ): Promise<EndedSession | undefined> =>
      await revocation(db, cause, now)
        .where('user_id', '=', token.userId)
        .where('id', '=', named(database, token).where('old.sec_hash', '=', hashSecret(token.sec)))
        .returning(ENDED)
        .executeTakeFirst(),

    /** By its public id, and only among the user's own. */
    revokeOwn: async (
      db: AuthDatabase,
      { userId, id }: { userId: string; id: string },
      now: number,
    ): Promise<EndedSession | 'ended_before' | 'unknown'> => {
      const ended = await revocation(db, 'ended_by_user', now)
        .where('id', '=', id)
        .where('user_id', '=', userId)
        .returning(ENDED)
        .executeTakeFirst();
      if (ended !== undefined) return ended;
      const known = await db
        .selectFrom('auth_sessions')
        .select('id')
        .where('id', '=', id)
        .where('user_id', '=', userId)
        .executeTakeFirst();
      return known === undefined ? 'unknown' : 'ended_before';
    },

    /**
     * Ends a live session that goes on under another name, and returns it as it was. Undefined: it has ended.
     * @param user as it is in the transaction.
     */
    endRenewed: async (
      transaction: AuthDatabase,
      { sid, user, secHash }: { sid: string; user: StoredUser; secHash: string },
      now: number,
    ): Promise<(StoredSession & { createdAt: number }) | undefined> => {
      const row = await revocation(transaction, 'renewed', now)
        .where('sid', '=', sid)
        .where('user_id', '=', user.id)
        .where('sec_hash', '=', secHash)
        .where('idle_ends_at', '>', now)
        .where('absolute_ends_at', '>', now)
        .returning([...SESSION_COLUMNS, 'created_at'])
        .executeTakeFirst();
      if (row === undefined) return undefined;
      return { ...toStoredSession({ ...user, ...row, user_created_at: user.created_at }), createdAt: row.created_at };
    },

    /** Every session of the user, but the one named if one is. `endsAt` tells which of them were alive. */
    revokeAll: async (
      db: AuthDatabase,
      { userId, exceptSid }: { userId: string; exceptSid?: string },
      cause: RevocationCause,
      now: number,
    ): Promise<(EndedSession & { endsAt: number })[]> => {
      const rows = await revocation(db, cause, now)
        .where('user_id', '=', userId)
        .$if(exceptSid !== undefined, (query) => query.where('sid', '<>', exceptSid ?? ''))
        .returning([...ENDED, 'idle_ends_at', 'absolute_ends_at'])
        .execute();
      return rows.map(({ idle_ends_at: idleEndsAt, absolute_ends_at: absoluteEndsAt, ...ended }) => ({
        ...ended,
        endsAt: sessionEndsAt({ idleEndsAt, absoluteEndsAt }),
      }));
    },

    /** Leaves nothing in the rows by which somebody could be known. */
    empty: async (transaction: AuthDatabase, userId: string): Promise<void> => {
      await transaction
        .updateTable('auth_sessions')
        .set({ user_agent: null, ip: null })
        .where('user_id', '=', userId)
        .execute();
    },

    list: async (userId: string, now: number, limit: number) =>
      await database
        .selectFrom('auth_sessions')
        .select(['sid', 'id', 'created_at', 'issued_at', 'user_agent', 'ip'])
        .where('user_id', '=', userId)
        .where('revoked_at', 'is', null)
        .where('idle_ends_at', '>', now)
        .where('absolute_ends_at', '>', now)
        .orderBy('created_at', 'desc')
        .orderBy('id')
        .limit(limit)
        .execute(),
  };
};
