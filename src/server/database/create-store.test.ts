import { statSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { postgres } from 'latchkey/postgres';
import { isSqliteBusy } from 'latchkey/sqlite';
import pg from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { eachEmptyStore, type TestStore } from '#testing/each-store.ts';
import { createListeningClient } from '#testing/postgres-feed.ts';
import { createStore } from './create-store.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

const opened = async (open: () => Promise<TestStore>): Promise<TestStore> => {
  const store = await open();
  cleanups.push(() => store.remove());
  return store;
};

const sqliteStore = (): Promise<TestStore> => opened(eachEmptyStore[0]?.open ?? expect.fail);
const postgresStore = (): Promise<TestStore> => opened(eachEmptyStore[1]?.open ?? expect.fail);

describe.each(eachEmptyStore)('the store on $dialect', ({ open }) => {
  test('answers a ping while it is open, and closes twice without complaint', async () => {
    const { database } = await opened(open);
    await database.ping();
    await database.close();
    await database.close();
    await expect(database.ping()).rejects.toThrow(/destroyed/);
  });

  test('takes a statement at once, and is opened by one of those who open it', async () => {
    const { location } = await opened(open);
    const store = createStore(location);
    cleanups.push(() => store.close());
    expect((await sql`select 1 as one`.execute(store.db)).rows).toEqual([{ one: 1 }]);
    const opening = await Promise.all([store.open(), store.open()]);
    expect(opening.toSorted()).toEqual([false, true]);
    expect(await store.open()).toBe(false);
  });

  test('gives whole numbers back as numbers, times in milliseconds among them', async () => {
    const { database } = await opened(open);
    const { rows } = await sql`select count(*) as many, cast(1790000000000 as bigint) as time`.execute(database.db);
    expect(rows).toEqual([{ many: 1, time: 1_790_000_000_000 }]);
  });

  test('takes back a transaction that fails', async () => {
    const { database } = await opened(open);
    await sql`create table t (id integer primary key)`.execute(database.db);
    const failing = database.db.transaction().execute(async (transaction) => {
      await sql`insert into t values (1)`.execute(transaction);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect((await sql`select * from t`.execute(database.db)).rows).toEqual([]);
  });
});

describe('SQLite', () => {
  test('syncs every commit, checks foreign keys and writes ahead', async () => {
    const { database } = await sqliteStore();
    const pragma = async (name: string): Promise<unknown> => {
      const { rows } = await sql<Record<string, unknown>>`pragma ${sql.raw(name)}`.execute(database.db);
      return rows[0] && Object.values(rows[0])[0];
    };
    expect(await pragma('journal_mode')).toBe('wal');
    expect(await pragma('synchronous')).toBe(2);
    expect(await pragma('foreign_keys')).toBe(1);
  });

  test.skipIf(process.platform === 'win32')(
    'keeps its files and a directory that it made for the owner alone',
    async () => {
      const { database, location } = await sqliteStore();
      await sql`create table t (id integer)`.execute(database.db);
      for (const name of ['latchkey.sqlite', 'latchkey.sqlite-wal', 'latchkey.sqlite-shm']) {
        expect(statSync(join(location.dataDir, name)).mode & 0o777).toBe(0o600);
      }
      const dataDir = join(location.dataDir, 'new', 'directory');
      const other = createStore({ ...location, dataDir });
      await other.open();
      await other.close();
      expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    },
  );

  test('keeps nothing in memory:', async () => {
    const memory = () => createStore({ dataDir: 'memory:', poolSize: 1 });
    const first = memory();
    await sql`create table t (id integer)`.execute(first.db);
    await first.close();
    const second = memory();
    await expect(sql`select * from t`.execute(second.db)).rejects.toThrow('no such table');
    await second.close();
  });

  test('holds the right to write from the start of a transaction, so that reading first never makes a write fail', async () => {
    const { database, location } = await sqliteStore();
    const beside = createStore(location);
    cleanups.push(() => beside.close());
    await sql`create table t (id integer)`.execute(database.db);

    await database.db.transaction().execute(async (transaction) => {
      await sql`select * from t`.execute(transaction);
      const refused = await sql`insert into t values (2)`.execute(beside.db).catch((error: unknown) => error);
      expect(isSqliteBusy(refused)).toBe(true);
      await sql`insert into t values (1)`.execute(transaction);
    });
    await sql`insert into t values (3)`.execute(beside.db);
    expect((await sql`select id from t order by id`.execute(database.db)).rows).toEqual([{ id: 1 }, { id: 3 }]);
  });

  test('says of a full disk what it is, takes the whole transaction back, and goes on when there is room', async () => {
    const { database } = await sqliteStore();
    await sql`create table t (body text)`.execute(database.db);
    await sql`insert into t values ('before')`.execute(database.db);
    const fill = (rows: number) =>
      database.db.transaction().execute(async (transaction) => {
        for (let row = 0; row < rows; row += 1) {
          await sql`insert into t values (${'x'.repeat(1000)})`.execute(transaction);
        }
      });
    await sql`pragma max_page_count = 10`.execute(database.db);
    await expect(fill(100)).rejects.toMatchObject({ code: 'SQLITE_FULL' });
    expect((await sql`select body from t`.execute(database.db)).rows).toEqual([{ body: 'before' }]);
    await sql`pragma max_page_count = 1000`.execute(database.db);
    await fill(100);
  });

  test('is refused in one line when the directory cannot be made', async () => {
    const { location } = await sqliteStore();
    const file = join(location.dataDir, 'latchkey.sqlite');
    await expect(createStore({ dataDir: file, poolSize: 1 }).open()).rejects.toThrow(/cannot be opened: .*$/);
  });
});

describe('Postgres', () => {
  test('is refused in one line without the password when nothing answers', async () => {
    const store = createStore({
      databaseUrl: 'postgres://someone:canary-password@localhost:1/nothing',
      dataDir: 'memory:',
      poolSize: 1,
    });
    const error: unknown = await store.open().catch((reason: unknown) => reason);
    expect(String(error)).toMatch(
      /^DatabaseUnavailableError: The database of DATABASE_URL does not answer: .*ECONNREFUSED.*$/,
    );
    expect(String(error)).not.toContain('canary');
  });

  test('survives connections that are lost, idle and in the middle of a transaction', async () => {
    const { location } = await postgresStore();
    const lost: Error[] = [];
    const database = createStore({ ...location, onConnectionError: (error) => lost.push(error) });
    cleanups.push(() => database.close());
    await database.open();
    const killOthers = sql`select pg_terminate_backend(pid) from pg_stat_activity
      where pid <> pg_backend_pid() and datname = current_database() and application_name = 'latchkey'`;
    const killer = createStore({ ...location, poolSize: 1 });
    cleanups.push(() => killer.close());

    await killOthers.execute(killer.db);
    await expect.poll(() => lost.length).toBeGreaterThan(0);
    await database.ping();

    const transaction = database.db.transaction().execute(async (connection) => {
      await sql`select 1`.execute(connection);
      const before = lost.length;
      await killOthers.execute(killer.db);
      await expect.poll(() => lost.length).toBeGreaterThan(before);
      await sql`select 1`.execute(connection);
    });
    await expect(transaction).rejects.toThrow('Client has encountered a connection error');
    await database.ping();
  });

  test('drops a connection that does not answer in time, instead of handing it out again', async () => {
    const { location } = await postgresStore();
    const database = postgres({
      url: location.databaseUrl ?? '',
      pool: 1,
      statementTimeoutMs: 0,
      answerTimeoutMs: 100,
    });
    cleanups.push(() => database.close());
    const pid = async () =>
      (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(database.db)).rows[0]?.pid;
    const before = await pid();
    await expect(sql`select pg_sleep(60)`.execute(database.db)).rejects.toThrow('Query read timeout');
    const transaction = database.db.transaction().execute((inner) => sql`select pg_sleep(60)`.execute(inner));
    await expect(transaction).rejects.toThrow('Query read timeout');
    expect(await pid()).not.toBe(before);
  });

  test('keeps its idle connections where the role or the database has a limit on them, the one that listens above all', async () => {
    const { database: first, location } = await postgresStore();
    const { databaseUrl = '' } = location;
    const name = new URL(databaseUrl).pathname.slice(1);
    await sql`alter database ${sql.id(name)} set idle_session_timeout = '3s'`.execute(first.db);
    const limited = new pg.Client({ connectionString: databaseUrl });
    const listening = createListeningClient(databaseUrl);
    const database = createStore(location);
    cleanups.push(() => database.close());
    await Promise.all([limited.connect(), listening.connect()]);
    const show = 'show idle_session_timeout';
    const limits = [
      ...(await limited.query(show)).rows,
      ...(await listening.query(show)).rows,
      ...(await sql.raw(show).execute(database.db)).rows,
    ];
    await Promise.all([limited.end(), listening.end()]);
    expect(limits).toEqual(['3s', '0', '0'].map((idle) => ({ idle_session_timeout: idle })));
  });

  test('ends a statement that takes too long, but not one of a migration', async () => {
    const { location } = await postgresStore();
    const database = postgres({
      url: location.databaseUrl ?? '',
      pool: 1,
      statementTimeoutMs: 50,
    });
    cleanups.push(() => database.close());
    await expect(sql`select pg_sleep(60)`.execute(database.db)).rejects.toThrow('statement timeout');
    await database.withUnboundedConnection(async (db) => {
      const { rows } = await sql`show statement_timeout`.execute(db);
      expect(rows).toEqual([{ statement_timeout: '0' }]);
    });
  });
});
