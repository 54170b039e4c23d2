import { sql } from 'kysely';
import { prepare } from '../store/prepared-statement.ts';
import type { AuthDatabase, Dialect, UserRow } from '../store/tables.ts';
import type { RefreshToken } from '../tokens/refresh-tokens.ts';
import { hashSecret } from '../tokens/secrets.ts';
import type { RotationPolicy } from './rotation.ts';
import {
  SESSION_COLUMNS,
  SESSION_WITH_USER,
  type SessionName,
  type SessionWithUser,
  type StoredSession,
  toStoredSession,
  USER_COLUMNS,
} from './stored-session.ts';

interface UsualRotation extends SessionName {
  gen: number;
  secHash: string;
  sver: number;
  now: number;
  idleEndsAt: number;
  /** The window is shut when it was opened then or before; */
  shutSince: number;
  /** and when the generation was made then or before, nobody keeps it open. */
  cappedSince: number;
}

/** Rotates the session if that is what `decideRotation` says of the token, and reads it as it is then. */
export type RotateOrFind = (
  token: RefreshToken,
  now: number,
) => Promise<{ session: StoredSession; isRotated: boolean } | undefined>;

/** The row is rotated by it if and only if that is what `decideRotation` says of it. */
const usualRotation = (db: Pick<AuthDatabase, 'updateTable'>, value: UsualRotation) =>
  db
    .updateTable('auth_sessions')
    .set((row) => ({
      issued: row('issued', '+', 1),
      confirmed: row.ref('issued'),
      issued_at: value.now,
      handed_at: value.now,
      forks: 0,
      idle_ends_at: value.idleEndsAt,
    }))
    .where('sid', '=', value.sid)
    .where('auth_sessions.user_id', '=', value.userId)
    .where('sec_hash', '=', value.secHash)
    .where('issued', '=', value.gen)
    .where('revoked_at', 'is', null)
    // A higher one raises the row's: `nextStep`.
    .where('sver', '>=', value.sver)
    .where('idle_ends_at', '>', value.now)
    .where('absolute_ends_at', '>', value.now)
    .where((where) =>
      where.or([where('handed_at', '<=', value.shutSince), where('issued_at', '<=', value.cappedSince)]),
    );

/** A row as one value: the driver is told of each column, and reads it, anew with every answer. */
const asValue = <TRow>(table: string) => sql<TRow>`row_to_json(${sql.table(table)})`.as('row');

/** One statement for whatever comes of it. */
const onPostgres = (database: AuthDatabase) =>
  prepare<UsualRotation>()((value) =>
    database
      .with('rotated', (db) =>
        usualRotation(db, value)
          .from('auth_users as u')
          .whereRef('u.id', '=', 'auth_sessions.user_id')
          .where('u.disabled_at', 'is', null)
          .returning([...SESSION_COLUMNS.map((name) => `auth_sessions.${name}` as const), ...USER_COLUMNS]),
      )
      .with('found', (db) =>
        db
          .selectFrom('auth_sessions as s')
          .innerJoin('auth_users as u', 'u.id', 's.user_id')
          .where('s.sid', '=', value.sid)
          .where('s.user_id', '=', value.userId)
          .where((where) => where.not(where.exists(where.selectFrom('rotated').select('rotated.sid'))))
          .select(SESSION_WITH_USER),
      )
      .selectFrom('rotated')
      .select([asValue<SessionWithUser>('rotated'), sql<boolean>`true`.as('is_rotated')])
      .unionAll((db) =>
        db.selectFrom('found').select([asValue<SessionWithUser>('found'), sql<boolean>`false`.as('is_rotated')]),
      ),
  );

/** What an UPDATE of SQLite returns is of its own table, or of subqueries. */
const ofUser = <TName extends keyof UserRow>(name: TName) =>
  sql<UserRow[TName]>`(select ${sql.ref(`u.${name}`)} from auth_users as u where u.id = auth_sessions.user_id)`;

/** Nobody's where the account is gone. */
const hasStanding = sql<boolean>`(select u.disabled_at is null from auth_users as u where u.id = auth_sessions.user_id)`;

const onSqlite = (database: AuthDatabase) =>
  prepare<UsualRotation>()((value) =>
    usualRotation(database, value)
      .where(hasStanding)
      .returning([
        ...SESSION_COLUMNS,
        ofUser('username').as('username'),
        ofUser('email').as('email'),
        ofUser('email_verified_at').as('email_verified_at'),
        ofUser('roles').as('roles'),
        ofUser('ver').as('ver'),
        ofUser('disabled_at').as('disabled_at'),
        ofUser('fac').as('fac'),
        ofUser('created_at').as('user_created_at'),
      ]),
  );

/**
 * The usual refresh in one statement: the newest token, with a window that is shut. All else goes the way of
 * `decideRotation` and `createAdvance`; a test holds the statement to that function, row by row.
 */
export const createRotateOrFind = ({
  database,
  dialect,
  find,
  policy: { leewayMs, idleTtlMs },
}: {
  database: AuthDatabase;
  dialect: Dialect;
  find: (name: SessionName) => Promise<StoredSession | undefined>;
  policy: RotationPolicy;
}): RotateOrFind => {
  const valuesOf = ({ sid, userId, sec, gen, sver }: RefreshToken, now: number): UsualRotation => ({
    sid,
    userId,
    secHash: hashSecret(sec),
    sver,
    gen,
    now,
    idleEndsAt: now + idleTtlMs,
    shutSince: now - leewayMs,
    cappedSince: now - 4 * leewayMs,
  });

  if (dialect === 'postgres') {
    const statement = onPostgres(database);
    return async (token, now) => {
      const [row] = (await statement(database, valuesOf(token, now))).rows;
      return row && { session: toStoredSession(row.row), isRotated: row.is_rotated };
    };
  }
  const statement = onSqlite(database);
  return async (token, now) => {
    const [row] = (await statement(database, valuesOf(token, now))).rows;
    if (row !== undefined) return { session: toStoredSession(row), isRotated: true };
    const session = await find(token);
    return session && { session, isRotated: false };
  };
};
