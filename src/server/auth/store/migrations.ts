import { type Kysely, type Migration, sql } from 'kysely';
import { hearWhatIsWrittenByHand, REVOCATION_CHANNEL } from './revocation-triggers.ts';
import type { Dialect } from './tables.ts';

const createTables: Migration = {
  up: async (db: Kysely<unknown>) => {
    await db.schema
      .createTable('auth_users')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('username', 'text', (column) => column.notNull())
      .addColumn('username_key', 'text', (column) => column.notNull().unique())
      .addColumn('email', 'text', (column) => column.notNull())
      .addColumn('email_key', 'text', (column) => column.notNull().unique())
      .addColumn('email_verified_at', 'bigint')
      .addColumn('roles', 'text', (column) => column.notNull())
      .addColumn('ver', 'integer', (column) => column.notNull().defaultTo(1))
      .addColumn('ver_raised_at', 'bigint')
      .addColumn('disabled_at', 'bigint')
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema
      .createIndex('auth_users_ver_raised_at')
      .on('auth_users')
      .column('ver_raised_at')
      .where('ver_raised_at', 'is not', null)
      .execute();

    await db.schema
      .createTable('auth_sessions')
      .addColumn('sid', 'text', (column) => column.primaryKey())
      .addColumn('id', 'text', (column) => column.notNull().unique())
      .addColumn('user_id', 'text', (column) => column.notNull().references('auth_users.id').onDelete('cascade'))
      .addColumn('sec_hash', 'text', (column) => column.notNull())
      .addColumn('issued', 'integer', (column) => column.notNull())
      .addColumn('confirmed', 'integer', (column) => column.notNull())
      .addColumn('issued_at', 'bigint', (column) => column.notNull())
      .addColumn('handed_at', 'bigint', (column) => column.notNull())
      .addColumn('idle_ends_at', 'bigint', (column) => column.notNull())
      .addColumn('absolute_ends_at', 'bigint', (column) => column.notNull())
      .addColumn('auth_time', 'bigint', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('user_agent', 'text')
      .addColumn('ip', 'text')
      .addColumn('revoked_at', 'bigint')
      .addColumn('revoked_cause', 'text')
      .execute();
    // No index names a column that a rotation writes, so that Postgres can update the row in place (HOT).
    await db.schema
      .createIndex('auth_sessions_user_id_created_at')
      .on('auth_sessions')
      .columns(['user_id', 'created_at'])
      .execute();
    await db.schema
      .createIndex('auth_sessions_revoked_at')
      .on('auth_sessions')
      .column('revoked_at')
      .where('revoked_at', 'is not', null)
      .execute();

    await db.schema
      .createTable('auth_devices')
      .addColumn('user_id', 'text', (column) => column.notNull().references('auth_users.id').onDelete('cascade'))
      .addColumn('device_hash', 'text', (column) => column.notNull())
      .addColumn('seen_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('auth_devices_pkey', ['user_id', 'device_hash'])
      .execute();

    await db.schema
      .createTable('auth_limits')
      .addColumn('name', 'text', (column) => column.primaryKey())
      .addColumn('tries', 'integer', (column) => column.notNull())
      .addColumn('wait_until', 'bigint', (column) => column.notNull())
      .addColumn('touched_at', 'bigint', (column) => column.notNull())
      .execute();
  },
};

/** Triggers, so that whatever writes (a server, a shell command, a person with psql) is heard by every process. */
const announceRevocations: Migration = {
  up: async (db: Kysely<unknown>) => {
    await sql`
      create function auth_announce_session() returns trigger language plpgsql as $$
      begin
        perform pg_notify(${sql.lit(REVOCATION_CHANNEL)},
          json_build_object('kind', 'session', 'sid', new.sid, 'cause', new.revoked_cause)::text);
        return null;
      end $$`.execute(db);
    await sql`
      create trigger auth_sessions_revoked after update of revoked_at on auth_sessions for each row
      when (old.revoked_at is null and new.revoked_at is not null) execute function auth_announce_session()`.execute(
      db,
    );

    await sql`
      create function auth_announce_user() returns trigger language plpgsql as $$
      begin
        perform pg_notify(${sql.lit(REVOCATION_CHANNEL)},
          json_build_object('kind', 'user', 'userId', new.id, 'ver', new.ver)::text);
        return null;
      end $$`.execute(db);
    await sql`
      create trigger auth_users_ver_raised after update of ver on auth_users for each row
      when (new.ver > old.ver) execute function auth_announce_user()`.execute(db);
  },
};

/**
 * Rows that are written again and again stay in their pages, where the new version of a row needs no new entry in any index (HOT). The benchmark
 * `postgres-writes` has the figures.
 */
const leaveRoom: Migration = {
  up: async (db: Kysely<unknown>) => {
    for (const table of ['auth_users', 'auth_sessions', 'auth_limits']) {
      await sql`alter table ${sql.table(table)} set (fillfactor = 90)`.execute(db);
    }
  },
};

/** A login reads the devices with the user, and writes them with the row that it writes anyway. */
const keepDevicesWithTheirUser: Migration = {
  up: async (db: Kysely<unknown>) => {
    await db.schema
      .alterTable('auth_users')
      .addColumn('devices', 'text', (column) => column.notNull().defaultTo(''))
      .execute();
    await sql`
      update auth_users set devices = coalesce(
        (select string_agg(device_hash || ',', '') from
          (select device_hash from auth_devices where user_id = auth_users.id order by seen_at desc limit 10) as latest),
        '')`.execute(db);
    await db.schema.dropTable('auth_devices').execute();
  },
};

const indexWhatIsAskedOften: Migration = {
  up: async (db: Kysely<unknown>) => {
    // Few accounts have more than the role that everybody has: administrators are found among them.
    await db.schema
      .createIndex('auth_users_with_roles')
      .on('auth_users')
      .column('id')
      .where(sql.ref('roles'), '<>', sql.lit('user'))
      .execute();
    // How many sessions a user has is asked at each login, and which they are by their list; ended ones are kept for a month.
    await db.schema
      .createIndex('auth_sessions_standing')
      .on('auth_sessions')
      .columns(['user_id', 'created_at'])
      .where(sql.ref('revoked_at'), 'is', null)
      .execute();
  },
};

const countForks: Migration = {
  up: async (db: Kysely<unknown>) => {
    await db.schema
      .alterTable('auth_sessions')
      .addColumn('forks', 'integer', (column) => column.notNull().defaultTo(0))
      .execute();
  },
};

/** The stack's own migrations, for Kysely's Migrator. Never edited once released: add another. */
export const authMigrations = (dialect: Dialect): Record<string, Migration> => ({
  '001_create_tables': createTables,
  ...(dialect === 'postgres' && {
    '002_announce_revocations': announceRevocations,
    '003_leave_room_for_updates': leaveRoom,
  }),
  '004_keep_devices_with_their_user': keepDevicesWithTheirUser,
  '005_index_what_is_asked_often': indexWhatIsAskedOften,
  '006_count_forks': countForks,
  '007_hear_what_is_written_by_hand': hearWhatIsWrittenByHand(dialect),
});
