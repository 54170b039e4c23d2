import { type Kysely, type Migration, type RawBuilder, sql } from 'kysely';
import type { Dialect } from './tables.ts';

/** Where Postgres announces what makes access tokens void. */
export const REVOCATION_CHANNEL = 'auth_revocations';

/** The `ver` of a user who is gone: higher than that of any token. */
export const VER_OF_NOBODY = 2 ** 31 - 1;

/** What was removed while tokens of it were about. Its row is gone, so that this is all that a process which starts later can know of it. */
const createRemovals = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable('auth_removals')
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('auth_removals_at').on('auth_removals').column('at').execute();
};

const POSTGRES_NOW = sql`floor(extract(epoch from clock_timestamp()) * 1000)::bigint`;

const onPostgres = (): RawBuilder<unknown>[] => {
  const channel = sql.lit(REVOCATION_CHANNEL);
  const announceUser = (id: 'old' | 'new', ver: RawBuilder<unknown>) =>
    sql`perform pg_notify(${channel},
      json_build_object('kind', 'user', 'userId', ${sql.raw(id)}.id, 'ver', ${ver})::text)`;

  return [
    sql`drop trigger auth_sessions_revoked on auth_sessions`,
    sql`drop trigger auth_users_ver_raised on auth_users`,
    sql`
      create function auth_complete_session() returns trigger language plpgsql as $$
      begin
        if new.revoked_at is not null or new.revoked_cause is not null then
          new.revoked_at := greatest(coalesce(new.revoked_at, ${POSTGRES_NOW}), new.issued_at, new.handed_at);
        end if;
        return new;
      end $$`,
    sql`
      create trigger auth_sessions_completed before update of revoked_at, revoked_cause on auth_sessions for each row
      when (old.revoked_at is null) execute function auth_complete_session()`,
    sql`
      create trigger auth_sessions_revoked after update of revoked_at, revoked_cause on auth_sessions for each row
      when (old.revoked_at is null and new.revoked_at is not null) execute function auth_announce_session()`,
    sql`
      create function auth_complete_user() returns trigger language plpgsql as $$
      begin
        if new.ver <= old.ver and
          (new.roles <> old.roles or (old.disabled_at is null and new.disabled_at is not null)) then
          new.ver := old.ver + 1;
        end if;
        if new.ver > old.ver then
          if new.ver_raised_at is not distinct from old.ver_raised_at then
            new.ver_raised_at := ${POSTGRES_NOW};
          end if;
          new.ver_raised_at := greatest(new.ver_raised_at,
            (select max(handed_at) from auth_sessions where user_id = new.id));
        end if;
        return new;
      end $$`,
    sql`
      create trigger auth_users_completed before update of ver, roles, disabled_at on auth_users for each row
      execute function auth_complete_user()`,
    sql`
      create trigger auth_users_ver_raised after update of ver, roles, disabled_at on auth_users for each row
      when (new.ver > old.ver) execute function auth_announce_user()`,
    sql`
      create function auth_remove_session() returns trigger language plpgsql as $$
      begin
        insert into auth_removals (kind, name, at) values ('session', old.sid, ${POSTGRES_NOW});
        perform pg_notify(${channel}, json_build_object('kind', 'session', 'sid', old.sid, 'cause', null)::text);
        return null;
      end $$`,
    sql`
      create trigger auth_sessions_removed after delete on auth_sessions for each row
      when (old.revoked_at is null and old.idle_ends_at > ${POSTGRES_NOW} and old.absolute_ends_at > ${POSTGRES_NOW})
      execute function auth_remove_session()`,
    sql`
      create function auth_remove_user() returns trigger language plpgsql as $$
      begin
        insert into auth_removals (kind, name, at) values ('user', old.id, ${POSTGRES_NOW});
        ${announceUser('old', sql.lit(VER_OF_NOBODY))};
        return null;
      end $$`,
    sql`
      create trigger auth_users_removed after delete on auth_users for each row execute function auth_remove_user()`,
  ];
};

/** They run in whichever program writes, so that they ask for nothing that an older SQLite does not have. */
const SQLITE_NOW = sql`cast((julianday('now') - 2440587.5) * 86400000 as integer)`;

const onSqlite = (): RawBuilder<unknown>[] => [
  sql`
    create trigger auth_sessions_completed after update of revoked_at, revoked_cause on auth_sessions
    when old.revoked_at is null and (new.revoked_at is not null or new.revoked_cause is not null)
      and (new.revoked_at is null or new.revoked_at < max(new.issued_at, new.handed_at))
    begin
      update auth_sessions set revoked_at = max(coalesce(new.revoked_at, ${SQLITE_NOW}), issued_at, handed_at)
        where sid = new.sid;
    end`,
  sql`
    create trigger auth_users_completed after update of roles, disabled_at on auth_users
    when new.ver <= old.ver and (new.roles <> old.roles or (old.disabled_at is null and new.disabled_at is not null))
    begin
      update auth_users set ver = old.ver + 1 where id = new.id;
    end`,
  sql`
    create trigger auth_users_ver_raised after update of ver on auth_users when new.ver > old.ver
    begin
      update auth_users set ver_raised_at = max(
        case when new.ver_raised_at is old.ver_raised_at then ${SQLITE_NOW} else new.ver_raised_at end,
        coalesce((select max(handed_at) from auth_sessions where user_id = new.id), 0)) where id = new.id;
    end`,
  sql`
    create trigger auth_sessions_removed after delete on auth_sessions
    when old.revoked_at is null and old.idle_ends_at > ${SQLITE_NOW} and old.absolute_ends_at > ${SQLITE_NOW}
    begin
      insert into auth_removals (kind, name, at) values ('session', old.sid, ${SQLITE_NOW});
    end`,
  sql`
    create trigger auth_users_removed after delete on auth_users
    begin
      insert into auth_removals (kind, name, at) values ('user', old.id, ${SQLITE_NOW});
    end`,
];

/**
 * Whoever writes is heard, also a person with `psql` or `sqlite3` who knows nothing of `ver` and causes.
 *
 * - An end without a time gets one. Its time is never before the last refresh: the clock of whoever wrote it may be behind, or count in
 *   seconds, and by that time the others know which tokens may still be about.
 * - Other roles, and an account that was disabled, raise `ver`.
 * - Sessions and users whose rows are deleted are remembered in `auth_removals`, for as long as an access token lives.
 */
export const hearWhatIsWrittenByHand = (dialect: Dialect): Migration => ({
  up: async (db: Kysely<unknown>) => {
    await createRemovals(db);
    for (const statement of dialect === 'postgres' ? onPostgres() : onSqlite()) await statement.execute(db);
  },
});
