import { type Kysely, type Migration, sql } from 'kysely';
import { revocationTriggers } from './revocation-triggers.ts';
import type { Dialect } from './tables.ts';

const createUsers = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable('auth_users')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('username', 'text')
    .addColumn('username_key', 'text', (column) => column.unique())
    .addColumn('email', 'text')
    .addColumn('email_key', 'text', (column) => column.unique())
    .addColumn('email_verified_at', 'bigint')
    .addColumn('roles', 'text', (column) => column.notNull())
    .addColumn('ver', 'integer', (column) => column.notNull().defaultTo(1))
    .addColumn('ver_raised_at', 'bigint')
    .addColumn('disabled_at', 'bigint')
    .addColumn('deleted_at', 'bigint')
    .addColumn('fac', 'text', (column) => column.notNull().defaultTo(''))
    // With their user: a login reads them with the row that it reads anyway, and writes them with the one that it
    // writes.
    .addColumn('devices', 'text', (column) => column.notNull().defaultTo(''))
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('auth_users_ver_raised_at')
    .on('auth_users')
    .column('ver_raised_at')
    .where('ver_raised_at', 'is not', null)
    .execute();
  await db.schema
    .createIndex('auth_users_deleted_at')
    .on('auth_users')
    .column('deleted_at')
    .where('deleted_at', 'is not', null)
    .execute();
  // Few accounts have more than the role that everybody has: administrators are found among them.
  await db.schema
    .createIndex('auth_users_with_roles')
    .on('auth_users')
    .column('id')
    .where(sql.ref('roles'), '<>', sql.lit('user'))
    .execute();
};

/** No index names a column that a rotation writes, so that Postgres can update the row in place (HOT). */
const createSessions = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable('auth_sessions')
    .addColumn('sid', 'text', (column) => column.primaryKey())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('user_id', 'text', (column) => column.notNull().references('auth_users.id').onDelete('cascade'))
    .addColumn('sec_hash', 'text', (column) => column.notNull())
    .addColumn('issued', 'integer', (column) => column.notNull())
    .addColumn('confirmed', 'integer', (column) => column.notNull())
    .addColumn('issued_at', 'bigint', (column) => column.notNull())
    .addColumn('handed_at', 'bigint', (column) => column.notNull())
    .addColumn('forks', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('idle_ends_at', 'bigint', (column) => column.notNull())
    .addColumn('absolute_ends_at', 'bigint', (column) => column.notNull())
    .addColumn('auth_time', 'bigint', (column) => column.notNull())
    .addColumn('amr', 'text', (column) => column.notNull())
    .addColumn('sver', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('fresh_hash', 'text')
    .addColumn('fresh_at', 'bigint')
    .addColumn('fresh_amr', 'text', (column) => column.notNull().defaultTo(''))
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('user_agent', 'text')
    .addColumn('ip', 'text')
    .addColumn('revoked_at', 'bigint')
    .addColumn('revoked_cause', 'text')
    .execute();
  await db.schema
    .createIndex('auth_sessions_user_id_created_at')
    .on('auth_sessions')
    .columns(['user_id', 'created_at'])
    .execute();
  // How many sessions a user has is asked at each login, and which they are by their list; ended ones are kept for a
  // month.
  await db.schema
    .createIndex('auth_sessions_standing')
    .on('auth_sessions')
    .columns(['user_id', 'created_at'])
    .where(sql.ref('revoked_at'), 'is', null)
    .execute();
  // A session that took the place of another one has its id.
  await db.schema
    .createIndex('auth_sessions_id')
    .on('auth_sessions')
    .column('id')
    .unique()
    .where(sql.ref('revoked_at'), 'is', null)
    .execute();
  // Those that have proved themselves again: few.
  await db.schema
    .createIndex('auth_sessions_fresh_at')
    .on('auth_sessions')
    .column('fresh_at')
    .where(sql.ref('sver'), '>', sql.lit(0))
    .execute();
  await db.schema
    .createIndex('auth_sessions_revoked_at')
    .on('auth_sessions')
    .column('revoked_at')
    .where('revoked_at', 'is not', null)
    .execute();
};

const createFlows = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable('auth_flows')
    .addColumn('name_hash', 'text', (column) => column.primaryKey())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('user_id', 'text', (column) => column.references('auth_users.id').onDelete('cascade'))
    .addColumn('sid', 'text')
    .addColumn('browser_hash', 'text')
    .addColumn('address_hash', 'text')
    .addColumn('data', 'text')
    .addColumn('ver', 'integer')
    .addColumn('attempts', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('ends_at', 'bigint', (column) => column.notNull())
    .addColumn('used_at', 'bigint')
    .execute();
  // Whoever deletes a user, or ends all that was begun, finds it by one of these.
  for (const column of ['user_id', 'sid', 'browser_hash', 'address_hash']) {
    await db.schema
      .createIndex(`auth_flows_${column}`)
      .on('auth_flows')
      .column(column)
      .where(sql.ref(column), 'is not', null)
      .execute();
  }
};

const createLimits = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable('auth_limits')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('wait_until', 'bigint', (column) => column.notNull())
    .addColumn('touched_at', 'bigint', (column) => column.notNull())
    .execute();
};

/**
 * What was removed while tokens of it were about. Its row is gone, so that this is all that a process which starts
 * later can know of it.
 */
const createRemovals = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable('auth_removals')
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('auth_removals_at').on('auth_removals').column('at').execute();
};

/**
 * Rows that are written again and again stay in their pages, where the new version of a row needs no new entry in any
 * index (HOT). The benchmark `postgres-writes` has the figures.
 */
const leaveRoomForUpdates = async (db: Kysely<unknown>): Promise<void> => {
  for (const table of ['auth_users', 'auth_sessions', 'auth_flows', 'auth_limits']) {
    await sql`alter table ${sql.table(table)} set (fillfactor = 90)`.execute(db);
  }
};

const createAll = (dialect: Dialect): Migration => ({
  up: async (db: Kysely<unknown>) => {
    await createUsers(db);
    await createSessions(db);
    await createFlows(db);
    await createLimits(db);
    await createRemovals(db);
    if (dialect === 'postgres') await leaveRoomForUpdates(db);
    for (const statement of revocationTriggers(dialect)) await statement.execute(db);
  },
});

/** The stack's own migrations, for Kysely's Migrator. Never edited once released: add another. */
export const authMigrations = (dialect: Dialect): Record<string, Migration> => ({
  '001_create_users_and_sessions': createAll(dialect),
});
