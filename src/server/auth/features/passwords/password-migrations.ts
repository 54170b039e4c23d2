import { type Kysely, type Migration, sql } from 'kysely';
import type { Dialect } from '../../store/tables.ts';

const createTable = (dialect: Dialect): Migration => ({
  up: async (db: Kysely<unknown>) => {
    await db.schema
      .createTable('auth_passwords')
      .addColumn('user_id', 'text', (column) => column.primaryKey().references('auth_users.id').onDelete('cascade'))
      .addColumn('hash', 'text', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('auth_replaced_passwords')
      .addColumn('user_id', 'text', (column) => column.notNull().references('auth_users.id').onDelete('cascade'))
      .addColumn('hash', 'text', (column) => column.notNull())
      .addColumn('replaced_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('auth_replaced_passwords_pkey', ['user_id', 'hash'])
      .execute();
    await db.schema
      .createIndex('auth_replaced_passwords_replaced_at')
      .on('auth_replaced_passwords')
      .column('replaced_at')
      .execute();
    // A row that is written again stays in its page, where it needs no new entry in the index (HOT).
    if (dialect === 'postgres') await sql`alter table auth_passwords set (fillfactor = 90)`.execute(db);
  },
});

export const passwordMigrations = (dialect: Dialect): Record<string, Migration> => ({
  '001_create_table': createTable(dialect),
});
