/**
 * The stack's accounts as a Drizzle table, for foreign keys and joins of the app's own tables: `authUsers` on SQLite,
 * `pgAuthUsers()` on Postgres. For reading only: writes go through the stack.
 *
 * The stack makes and migrates the table itself. Do not export it from a schema file of drizzle-kit, and keep its hands
 * off: `tablesFilter: ['!auth_*']` on SQLite, and on Postgres no `latchkey` in its `schemaFilter`. `drizzle-kit push`
 * drops what it does not know.
 *
 * @packageDocumentation
 */
import { customType as pgCustomType, pgSchema, pgTable, text as pgText } from 'drizzle-orm/pg-core';
import { customType, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

const readRoles = (stored: string): string[] => stored.split(',').filter((role) => role !== '');

const roleList = customType<{ data: string[]; driverData: string }>({
  dataType: () => 'text',
  fromDriver: readRoles,
  toDriver: (roles) => roles.join(','),
});

/** Milliseconds since the epoch in the store, a `Date` when it is read. */
const time = (name: string) => integer(name, { mode: 'timestamp_ms' });

/**
 * `auth_users` in a SQLite database.
 * @example
 * export const posts = sqliteTable('posts', {
 *   id: text().primaryKey(),
 *   authorId: text('author_id').notNull().references(() => authUsers.id, { onDelete: 'cascade' }),
 * });
 * db.select().from(posts).innerJoin(authUsers, eq(authUsers.id, posts.authorId));
 */
export const authUsers = sqliteTable('auth_users', {
  id: text('id').primaryKey(),
  username: text('username'),
  email: text('email'),
  emailVerifiedAt: time('email_verified_at'),
  roles: roleList('roles').notNull(),
  disabledAt: time('disabled_at'),
  createdAt: time('created_at').notNull(),
});

const pgRoleList = pgCustomType<{ data: string[]; driverData: string }>({
  dataType: () => 'text',
  fromDriver: readRoles,
  toDriver: (roles) => roles.join(','),
});

// A driver gives a bigint as text, unless it was told otherwise.
const pgTime = pgCustomType<{ data: Date; driverData: string | number }>({
  dataType: () => 'bigint',
  fromDriver: (stored) => new Date(Number(stored)),
  toDriver: (date) => date.getTime(),
});

const pgColumns = () => ({
  id: pgText('id').primaryKey(),
  username: pgText('username'),
  email: pgText('email'),
  emailVerifiedAt: pgTime('email_verified_at'),
  roles: pgRoleList('roles').notNull(),
  disabledAt: pgTime('disabled_at'),
  createdAt: pgTime('created_at').notNull(),
});

const inPublic = () => pgTable('auth_users', pgColumns());
const inSchema = (schema: string) => pgSchema(schema).table('auth_users', pgColumns());

/**
 * `auth_users` in a Postgres database.
 * @param schema as `postgres({ url, schema })` was given it. Default `latchkey`.
 * @example
 * const authUsers = pgAuthUsers();
 * export const posts = pgTable('posts', {
 *   authorId: text('author_id').notNull().references(() => authUsers.id, { onDelete: 'cascade' }),
 * });
 */
export function pgAuthUsers(schema: 'public'): ReturnType<typeof inPublic>;
export function pgAuthUsers(schema?: string): ReturnType<typeof inSchema>;
export function pgAuthUsers(schema = 'latchkey') {
  // Drizzle has no word for it.
  return schema === 'public' ? inPublic() : inSchema(schema);
}
