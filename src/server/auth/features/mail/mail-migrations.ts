import { type Kysely, type Migration, sql } from 'kysely';

const createTable: Migration = {
  up: async (db: Kysely<unknown>) => {
    await db.schema
      .createTable('auth_mails')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('user_id', 'text')
      .addColumn('content', 'text', (column) => column.notNull())
      .addColumn('flow_hash', 'text')
      .addColumn('attempts', 'integer', (column) => column.notNull().defaultTo(0))
      .addColumn('try_at', 'bigint', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('ends_at', 'bigint', (column) => column.notNull())
      .addColumn('over_at', 'bigint')
      .addColumn('outcome', 'text')
      .execute();
    // What is due is looked for again and again, and is little beside what has left within a day.
    await db.schema
      .createIndex('auth_mails_try_at')
      .on('auth_mails')
      .column('try_at')
      .where(sql.ref('over_at'), 'is', null)
      .execute();
    await db.schema
      .createIndex('auth_mails_over_at')
      .on('auth_mails')
      .column('over_at')
      .where(sql.ref('over_at'), 'is not', null)
      .execute();
    // Whoever deletes an account finds what is still to be sent to it, and whoever exports it all that was.
    await db.schema.createIndex('auth_mails_user_id').on('auth_mails').column('user_id').execute();
  },
};

export const mailMigrations = (): Record<string, Migration> => ({ '001_create_table': createTable });
