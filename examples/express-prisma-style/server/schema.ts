import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { authUsers } from 'latchkey/drizzle';

/** Where people were before Latchkey came, with hashes of bcrypt. */
export const members = sqliteTable('members', {
  id: text().primaryKey(),
  username: text().notNull(),
  email: text().notNull(),
  passwordHash: text('password_hash').notNull(),
  plan: text().notNull(),
  createdAt: integer('created_at', { mode: 'timestamp_ms' }).notNull(),
});

/** What the app knows of an account, and Latchkey does not. */
export const profiles = sqliteTable('profiles', {
  memberId: text('member_id')
    .primaryKey()
    .references(() => authUsers.id, { onDelete: 'cascade' }),
  plan: text().notNull().default('free'),
});
