import { type Kysely, type Migration, sql } from 'kysely';
import type { Dialect } from '../../store/tables.ts';

const createTable = (dialect: Dialect): Migration => ({
  up: async (db: Kysely<unknown>) => {
    await db.schema
      .createTable('auth_events')
      // Compared by bytes, whatever the language of the database: their order is that of time.
      .addColumn('id', dialect === 'postgres' ? sql`text collate "C"` : 'text', (column) => column.primaryKey())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('event', 'text', (column) => column.notNull())
      .addColumn('outcome', 'text', (column) => column.notNull())
      .addColumn('user_id', 'text')
      .addColumn('actor_id', 'text')
      .addColumn('session_id', 'text')
      .addColumn('ip', 'text')
      .addColumn('user_agent', 'text')
      .addColumn('request_id', 'text', (column) => column.notNull())
      .addColumn('detail', 'text', (column) => column.notNull())
      .execute();
    // A person's list, page by page; and what is nobody's.
    await db.schema.createIndex('auth_events_user_id_id').on('auth_events').columns(['user_id', 'id']).execute();
  },
});

export const auditMigrations = (dialect: Dialect): Record<string, Migration> => ({
  '001_create_table': createTable(dialect),
});
