import { type Kysely, type Migration, sql } from 'kysely';
import type { Dialect } from '../../store/tables.ts';

const createTable = (dialect: Dialect): Migration => ({
  up: async (db: Kysely<unknown>) => {
    await db.schema
      .createTable('auth_passwords')
      .addColumn('user_id', 'text', (column) => column.primaryKey().references('auth_users.id').onDelete('cascade'))
      .addColumn('hash', 'text', (column) => column.notNull())
      .execute();
    // A row that is written again stays in its page, where it needs no new entry in the index (HOT).
    if (dialect === 'postgres') await sql`alter table auth_passwords set (fillfactor = 90)`.execute(db);
  },
});

export const passwordMigrations = (dialect: Dialect): Record<string, Migration> => ({
  '001_create_table': createTable(dialect),
});
