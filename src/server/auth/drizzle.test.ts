import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { eq } from 'drizzle-orm';
import { drizzle as drizzleSqlite } from 'drizzle-orm/better-sqlite3';
import type { Kyselify } from 'drizzle-orm/kysely';
import { drizzle as drizzlePostgres } from 'drizzle-orm/node-postgres';
import { pgTable, getTableConfig as pgTableConfig, text as pgText } from 'drizzle-orm/pg-core';
import { getTableConfig, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { sql } from 'kysely';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { createTestAuth } from '#testing/auth.ts';
import { createTestDatabase } from '#testing/test-database.ts';
import { authUsers, pgAuthUsers } from './drizzle.ts';
import { importMembers } from './features/passwords/index.ts';
import { postgres } from './postgres.ts';
import { sqlite } from './sqlite.ts';

const ada = {
  id: 'member-1',
  username: 'ada',
  email: null,
  roles: ['user', 'admin'] as const,
  createdAt: '2019-05-17T10:00:00.000Z',
};

const adaInDrizzle = {
  id: 'member-1',
  username: 'ada',
  email: null,
  emailVerifiedAt: null,
  roles: ['user', 'admin'],
  disabledAt: null,
  createdAt: new Date(ada.createdAt),
};

test('on SQLite a table of the app refers to the accounts and is joined with them', async () => {
  const posts = sqliteTable('posts', {
    id: text('id').primaryKey(),
    authorId: text('author_id')
      .notNull()
      .references(() => authUsers.id),
  });
  const [key] = getTableConfig(posts).foreignKeys.map((foreignKey) => foreignKey.reference());
  expect(key && getTableConfig(key.foreignTable).name).toBe('auth_users');

  const directory = mkdtempSync(join(tmpdir(), 'latchkey-drizzle-'));
  const path = join(directory, 'app.sqlite');
  const kit = await createTestAuth({ database: sqlite(path) });
  await importMembers(kit.auth, [ada]);
  const client = new BetterSqlite(path);
  try {
    client.pragma('foreign_keys = ON');
    client.exec('create table posts (id text primary key, author_id text not null references auth_users (id))');
    const db = drizzleSqlite(client);
    db.insert(posts).values({ id: 'one', authorId: 'member-1' }).run();
    expect(() => db.insert(posts).values({ id: 'two', authorId: 'nobody' }).run()).toThrow(/FOREIGN KEY/);
    const rows = db.select().from(posts).innerJoin(authUsers, eq(authUsers.id, posts.authorId)).all();
    expect(rows).toEqual([{ posts: { id: 'one', authorId: 'member-1' }, auth_users: adaInDrizzle }]);
    const since = db.select().from(authUsers).where(eq(authUsers.createdAt, adaInDrizzle.createdAt)).all();
    expect(since).toHaveLength(1);
  } finally {
    client.close();
    await kit.stop();
    rmSync(directory, { recursive: true });
  }
});

test.each(['latchkey', 'public'])('on Postgres the same holds for the accounts in the schema %s', async (schema) => {
  const users = pgAuthUsers(schema);
  const posts = pgTable('posts', {
    id: pgText('id').primaryKey(),
    authorId: pgText('author_id')
      .notNull()
      .references(() => users.id),
  });
  const [key] = pgTableConfig(posts).foreignKeys.map((foreignKey) => foreignKey.reference());
  expect(key && pgTableConfig(key.foreignTable)).toMatchObject({
    name: 'auth_users',
    schema: schema === 'public' ? undefined : schema,
  });

  const { url, drop } = await createTestDatabase();
  const database = postgres({ url, schema });
  const kit = await createTestAuth({ database });
  await importMembers(kit.auth, [ada]);
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(
      `create table public.posts (id text primary key, author_id text not null references ${schema}.auth_users (id))`,
    );
    const db = drizzlePostgres(client);
    await db.insert(posts).values({ id: 'one', authorId: 'member-1' });
    await expect(db.insert(posts).values({ id: 'two', authorId: 'nobody' })).rejects.toThrow(/insert into "posts"/);
    const rows = await db.select().from(posts).innerJoin(users, eq(users.id, posts.authorId));
    expect(rows).toEqual([{ posts: { id: 'one', authorId: 'member-1' }, auth_users: adaInDrizzle }]);
    expect(await db.select().from(users).where(eq(users.createdAt, adaInDrizzle.createdAt))).toHaveLength(1);
  } finally {
    await client.end();
    await kit.stop();
    await database.close();
    await drop();
  }
});

describe('a sign-up writes a row of the app by the transaction that it is given', () => {
  test('on SQLite, by Drizzle’s type of the table and in SQL', async () => {
    const profiles = sqliteTable('profiles', {
      memberId: text('member_id').primaryKey(),
      plan: text('plan').notNull().default('free'),
    });
    const directory = mkdtempSync(join(tmpdir(), 'latchkey-drizzle-'));
    const path = join(directory, 'app.sqlite');
    const kit = await createTestAuth(
      { database: sqlite(path) },
      {
        onSignUp: async ({ user, transaction }) => {
          const tables = transaction.withTables<{ profiles: Kyselify<typeof profiles> }>();
          await tables.insertInto('profiles').values({ member_id: user.id }).execute();
          await sql`insert into "Profile" ("memberId") values (${user.id})`.execute(transaction);
        },
      },
    );
    const client = new BetterSqlite(path);
    try {
      for (const table of ['profiles (member_id', '"Profile" ("memberId"']) {
        client.exec(
          `create table ${table} text primary key references auth_users (id), plan text not null default 'free')`,
        );
      }
      await kit.openBrowser().register('ada');
      const db = drizzleSqlite(client);
      const [{ id } = {}] = db.select({ id: authUsers.id }).from(authUsers).all();
      expect(db.select().from(profiles).all()).toEqual([{ memberId: id, plan: 'free' }]);
      expect(client.prepare('select * from "Profile"').all()).toEqual([{ memberId: id, plan: 'free' }]);
    } finally {
      client.close();
      await kit.stop();
      rmSync(directory, { recursive: true });
    }
  });

  test('on Postgres, where the table is named with its schema', async () => {
    const profiles = pgTable('profiles', {
      memberId: pgText('member_id').primaryKey(),
      plan: pgText('plan').notNull().default('free'),
    });
    const { url, drop } = await createTestDatabase();
    const database = postgres(url);
    const kit = await createTestAuth(
      { database },
      {
        onSignUp: async ({ user, transaction }) => {
          const tables = transaction.withSchema('public').withTables<{ profiles: Kyselify<typeof profiles> }>();
          await tables.insertInto('profiles').values({ member_id: user.id }).execute();
          await sql`insert into public."Profile" ("memberId") values (${user.id})`.execute(transaction);
        },
      },
    );
    const client = new pg.Client(url);
    await client.connect();
    try {
      for (const table of ['profiles (member_id', '"Profile" ("memberId"']) {
        await client.query(
          `create table public.${table} text primary key references latchkey.auth_users (id), plan text not null default 'free')`,
        );
      }
      await kit.openBrowser().register('ada');
      const db = drizzlePostgres(client);
      const users = pgAuthUsers();
      const [{ id } = {}] = await db.select({ id: users.id }).from(users);
      expect(await db.select().from(profiles)).toEqual([{ memberId: id, plan: 'free' }]);
      expect((await client.query('select * from "Profile"')).rows).toEqual([{ memberId: id, plan: 'free' }]);
    } finally {
      await client.end();
      await kit.stop();
      await database.close();
      await drop();
    }
  });
});
