import type { Kysely, Migration } from 'kysely';

const createNotes: Migration = {
  up: async (db: Kysely<unknown>) => {
    await db.schema
      .createTable('note_counters')
      .addColumn('user_id', 'text', (column) => column.primaryKey().references('auth_users.id').onDelete('cascade'))
      .addColumn('last_change', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('notes')
      .addColumn('user_id', 'text', (column) => column.notNull().references('auth_users.id').onDelete('cascade'))
      .addColumn('id', 'text', (column) => column.notNull())
      .addColumn('change', 'bigint', (column) => column.notNull())
      .addColumn('text', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('notes_pkey', ['user_id', 'id'])
      .addUniqueConstraint('notes_user_id_change', ['user_id', 'change'])
      .execute();
  },
};

/** The app's own migrations, run after the stack's. Never edited once released: add another. */
export const noteMigrations: Record<string, Migration> = {
  '001_create_notes': createNotes,
};
