import { type Kysely, type Migration, sql } from 'kysely';
import type { Dialect } from 'latchkey/server';

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
    await db.schema
      .createTable('note_changes')
      .addColumn('user_id', 'text', (column) => column.notNull().references('auth_users.id').onDelete('cascade'))
      .addColumn('change', 'bigint', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('note_id', 'text', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('note_changes_pkey', ['user_id', 'change'])
      .execute();
    await db.schema.createIndex('note_changes_at').on('note_changes').column('at').execute();
  },
};

/** Where Postgres announces whose notes have changed. */
export const NOTE_CHANNEL = 'note_changes';

const announceChanges: Migration = {
  up: async (db: Kysely<unknown>) => {
    await sql`
      create function note_announce_change() returns trigger language plpgsql as $$
      begin
        perform pg_notify(${sql.lit(NOTE_CHANNEL)}, new.user_id);
        return null;
      end $$`.execute(db);
    await sql`
      create trigger note_changes_inserted after insert on note_changes for each row
      execute function note_announce_change()`.execute(db);
  },
};

/** The app's own migrations, run after the stack's. Never edited once released: add another. */
export const noteMigrations = (dialect: Dialect): Record<string, Migration> => ({
  '001_create_notes': createNotes,
  ...(dialect === 'postgres' && { '002_announce_changes': announceChanges }),
});
