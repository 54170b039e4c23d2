import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { migrate } from '#server/auth/index.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import { authMigrations } from './migrations.ts';

describe.each(eachStore)('the migrations of the stack on $dialect', ({ dialect, open }) => {
  let store: TestStore;
  beforeEach(async () => {
    store = await open();
  });
  afterEach(() => store.remove());

  test('a store of the first version keeps its users and sessions, and knows the last ten devices of each', async () => {
    const { database } = store;
    const all = authMigrations(dialect);
    const first = Object.fromEntries(Object.entries(all).filter(([name]) => name === '001_create_tables'));
    await migrate(database, [{ name: 'auth', migrations: first }]);
    for (const name of ['ada', 'bob']) {
      await sql`insert into auth_users (id, username, username_key, email, email_key, roles, created_at)
        values (${name}, ${name}, ${name}, ${name}, ${name}, 'user', 1)`.execute(database.db);
    }
    for (let seenAt = 1; seenAt <= 12; seenAt += 1) {
      await sql`insert into auth_devices (user_id, device_hash, seen_at) values ('ada', ${`d${seenAt}`}, ${seenAt})`.execute(
        database.db,
      );
    }

    await sql`insert into auth_sessions (sid, id, user_id, sec_hash, issued, confirmed, issued_at, handed_at, idle_ends_at,
      absolute_ends_at, auth_time, created_at) values ('s', 'i', 'ada', '', 5, 4, 1, 1, 9, 9, 1, 1)`.execute(
      database.db,
    );

    await migrate(database, [{ name: 'auth', migrations: all }]);
    const sessions = await sql`select issued, confirmed, forks from auth_sessions`.execute(database.db);
    expect(sessions.rows).toEqual([{ issued: 5, confirmed: 4, forks: 0 }]);
    const { rows } = await sql`select id, devices from auth_users order by id`.execute(database.db);
    expect(rows).toEqual([
      { id: 'ada', devices: 'd12,d11,d10,d9,d8,d7,d6,d5,d4,d3,' },
      { id: 'bob', devices: '' },
    ]);
  });
});
