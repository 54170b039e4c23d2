import { type RawBuilder, sql } from 'kysely';
import type { Dialect } from './tables.ts';

const CHANNEL = '.auth_revocations';

/**
 * Where the triggers of a Postgres schema announce what makes access tokens void. Two apps may share a database, whose
 * channels are one for all.
 */
export const revocationChannel = (schema: string): string => `${schema}${CHANNEL}`;

/** The `ver` of a user who is gone: higher than that of any token. */
export const VER_OF_NOBODY = 2 ** 31 - 1;

const POSTGRES_NOW = sql`floor(extract(epoch from clock_timestamp()) * 1000)::bigint`;

/** It finds its tables whatever the search path of the writer. */
const triggerFunction = (name: string, body: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`create function ${sql.id(name)}() returns trigger language plpgsql set search_path from current as $$
    begin
      ${body}
    end $$`;

/** Whether the writer does not announce it by itself: see `announced`. */
const UNANNOUNCED = sql`current_setting('latchkey.announced', true) is distinct from 'on'`;

const announce = (notice: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`perform pg_notify(tg_table_schema || ${sql.lit(CHANNEL)}, ${notice}::text);`;

const onPostgres = (): RawBuilder<unknown>[] => [
  // Until the end of the transaction.
  sql`
    create function auth_announced() returns boolean language sql
    as $$ select set_config('latchkey.announced', 'on', true) is not null $$`,
  triggerFunction(
    'auth_complete_session',
    sql`
      if new.revoked_at is not null or new.revoked_cause is not null then
        new.revoked_at := greatest(coalesce(new.revoked_at, ${POSTGRES_NOW}), new.issued_at, new.handed_at);
      end if;
      return new;`,
  ),
  sql`
    create trigger auth_sessions_completed before update of revoked_at, revoked_cause on auth_sessions for each row
    when (old.revoked_at is null) execute function auth_complete_session()`,
  triggerFunction(
    'auth_announce_session',
    sql`
      ${announce(sql`json_build_object('kind', 'session', 'sid', new.sid, 'cause', new.revoked_cause)`)}
      return null;`,
  ),
  sql`
    create trigger auth_sessions_revoked after update of revoked_at, revoked_cause on auth_sessions for each row
    when (old.revoked_at is null and new.revoked_at is not null and ${UNANNOUNCED})
    execute function auth_announce_session()`,
  triggerFunction(
    'auth_announce_proof',
    sql`
      ${announce(sql`json_build_object('kind', 'proof', 'sid', new.sid, 'sver', new.sver)`)}
      return null;`,
  ),
  sql`
    create trigger auth_sessions_proven after update of sver on auth_sessions for each row
    when (new.sver > old.sver and ${UNANNOUNCED}) execute function auth_announce_proof()`,
  triggerFunction(
    'auth_complete_user',
    sql`
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
      return new;`,
  ),
  sql`
    create trigger auth_users_completed before update of ver, roles, disabled_at on auth_users for each row
    execute function auth_complete_user()`,
  triggerFunction(
    'auth_announce_user',
    sql`
      ${announce(sql`json_build_object('kind', 'user', 'userId', new.id, 'ver', new.ver)`)}
      return null;`,
  ),
  sql`
    create trigger auth_users_ver_raised after update of ver, roles, disabled_at on auth_users for each row
    when (new.ver > old.ver and ${UNANNOUNCED}) execute function auth_announce_user()`,
  triggerFunction(
    'auth_remove_session',
    sql`
      insert into auth_removals (kind, name, at) values ('session', old.sid, ${POSTGRES_NOW});
      ${announce(sql`json_build_object('kind', 'session', 'sid', old.sid, 'cause', null)`)}
      return null;`,
  ),
  sql`
    create trigger auth_sessions_removed after delete on auth_sessions for each row
    when (old.revoked_at is null and old.idle_ends_at > ${POSTGRES_NOW} and old.absolute_ends_at > ${POSTGRES_NOW})
    execute function auth_remove_session()`,
  triggerFunction(
    'auth_remove_user',
    sql`
      insert into auth_removals (kind, name, at) values ('user', old.id, ${POSTGRES_NOW});
      ${announce(sql`json_build_object('kind', 'user', 'userId', old.id, 'ver', ${sql.lit(VER_OF_NOBODY)})`)}
      return null;`,
  ),
  sql`
    create trigger auth_users_removed after delete on auth_users for each row execute function auth_remove_user()`,
];

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
 * Every writer is heard: a server, a shell command, also a person with `psql` or `sqlite3` who knows nothing of `ver`
 * and causes.
 *
 * - An end without a time gets one. Its time is never before the last refresh: the writer's clock may be
 *   behind, or count in seconds, and by that time the others know which tokens may still be about.
 * - Other roles, and an account that was disabled, raise `ver`.
 * - Sessions and users whose rows are deleted are remembered in `auth_removals`, for as long as an access token lives.
 * - On Postgres every process hears of it by NOTIFY, from the trigger unless the writer sends one by itself.
 */
export const revocationTriggers = (dialect: Dialect): RawBuilder<unknown>[] =>
  dialect === 'postgres' ? onPostgres() : onSqlite();
