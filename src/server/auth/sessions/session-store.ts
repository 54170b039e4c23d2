import { sql } from 'kysely';
import type { RevocationCause } from '../../../shared/auth/index.ts';
import { announced } from '../store/announced.ts';
import { prepare } from '../store/prepared-statement.ts';
import { causeOfEnd } from '../store/revocation-cause.ts';
import type { AuthDatabase, SessionRow } from '../store/tables.ts';
import type { RefreshToken } from '../tokens/refresh-tokens.ts';
import { hashSecret } from '../tokens/secrets.ts';
import { createAdvance } from './advance-session.ts';
import { type RotationState, sessionEndsAt } from './rotation.ts';
import type { SessionName, StoredSession } from './stored-session.ts';

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

type Counters = 'issued' | 'confirmed' | 'issued_at' | 'handed_at' | 'forks' | 'idle_ends_at' | 'absolute_ends_at';

/** What the rotation decides by. */
export const stateOf = (row: Pick<SessionRow, Counters>, revokedCause: RevocationCause | null): RotationState => ({
  issued: row.issued,
  confirmed: row.confirmed,
  issuedAt: row.issued_at,
  handedAt: row.handed_at,
  forks: row.forks,
  idleEndsAt: row.idle_ends_at,
  absoluteEndsAt: row.absolute_ends_at,
  revokedCause,
});

export type SessionStore = ReturnType<typeof createSessionStore>;

/** The statements on sessions. A rotation is two of them, a replay one, or two when `handed_at` moves. */
export const createSessionStore = (database: AuthDatabase) => {
  const findStatement = prepare<SessionName>()((value) =>
    database
      .selectFrom('auth_sessions as s')
      .innerJoin('auth_users as u', 'u.id', 's.user_id')
      .where('s.sid', '=', value.sid)
      .where('s.user_id', '=', value.userId)
      .select([
        's.sid',
        's.id',
        's.sec_hash',
        's.issued',
        's.confirmed',
        's.issued_at',
        's.handed_at',
        's.forks',
        's.idle_ends_at',
        's.absolute_ends_at',
        's.auth_time',
        's.revoked_at',
        's.revoked_cause',
        'u.id as user_id',
        'u.username',
        'u.email',
        'u.email_verified_at',
        'u.roles',
        'u.ver',
        'u.disabled_at',
        'u.created_at as user_created_at',
      ]),
  );

  return {
    find: async ({ sid, userId }: SessionName): Promise<StoredSession | undefined> => {
      const [row] = (await findStatement(database, { sid, userId })).rows;
      return (
        row && {
          sid: row.sid,
          id: row.id,
          secHash: row.sec_hash,
          authTime: row.auth_time,
          // No session of a disabled account is good, whatever its own row says.
          state: stateOf(row, causeOfEnd(row) ?? (row.disabled_at === null ? null : 'account_disabled')),
          user: {
            id: row.user_id,
            username: row.username,
            email: row.email,
            email_verified_at: row.email_verified_at,
            roles: row.roles,
            ver: row.ver,
            disabled_at: row.disabled_at,
            created_at: row.user_created_at,
          },
        }
      );
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

    /** Ends one session, once: undefined when it had ended before, or never was. */
    revoke: async (
      { sid, userId }: SessionName,
      cause: RevocationCause,
      now: number,
    ): Promise<EndedSession | undefined> =>
      await revocation(database, cause, now)
        .where('sid', '=', sid)
        .where('user_id', '=', userId)
        .returning(ENDED)
        .executeTakeFirst(),

    /**
     * Ends one session if no generation was made or confirmed since its row was found.
     * @param restsOnWindow whether the window may not have been opened either.
     */
    revokeUnchanged: async (
      { sid, user, state }: StoredSession,
      cause: RevocationCause,
      { now, restsOnWindow }: { now: number; restsOnWindow: boolean },
    ): Promise<EndedSession | undefined> =>
      await revocation(database, cause, now)
        .where('sid', '=', sid)
        .where('user_id', '=', user.id)
        .where('issued', '=', state.issued)
        .where('confirmed', '=', state.confirmed)
        .$if(restsOnWindow, (query) => query.where('handed_at', '=', state.handedAt))
        .returning(ENDED)
        .executeTakeFirst(),

    /** Ends the session that a refresh token names, whatever its generation, if its secret is right. */
    revokeAuthentic: async (
      db: AuthDatabase,
      token: Pick<RefreshToken, 'sid' | 'sec' | 'userId'>,
      cause: RevocationCause,
      now: number,
    ): Promise<EndedSession | undefined> =>
      await revocation(db, cause, now)
        .where('sid', '=', token.sid)
        .where('user_id', '=', token.userId)
        .where('sec_hash', '=', hashSecret(token.sec))
        .returning(ENDED)
        .executeTakeFirst(),

    /** By its public id, and only among the user's own. */
    revokeOwn: async (userId: string, id: string, now: number): Promise<EndedSession | 'ended_before' | 'unknown'> => {
      const ended = await revocation(database, 'ended_by_user', now)
        .where('id', '=', id)
        .where('user_id', '=', userId)
        .returning(ENDED)
        .executeTakeFirst();
      if (ended !== undefined) return ended;
      const known = await database
        .selectFrom('auth_sessions')
        .select('id')
        .where('id', '=', id)
        .where('user_id', '=', userId)
        .executeTakeFirst();
      return known === undefined ? 'unknown' : 'ended_before';
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
