import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestDatabase } from '#testing/test-database.ts';
import { boundStatements } from './pool.ts';

let url: string;
let drop: () => Promise<void>;
let pool: pg.Pool;

beforeEach(async () => {
  ({ url, drop } = await createTestDatabase());
  pool = new pg.Pool({ connectionString: url, max: 1 });
});
afterEach(async () => {
  await pool.end();
  await drop();
});

const SETTINGS = { statementTimeoutMs: 10_000, schema: 'public' };

const open = async () => await boundStatements(pool, SETTINGS).connect();

const ask = (client: Awaited<ReturnType<typeof open>>, text: string, ...parameters: unknown[]) =>
  client.query<Record<string, unknown>>(text, parameters).then(({ rows }) => rows);

const PREPARED = 'select statement from pg_prepared_statements';

test('what is executed again and again is prepared once, and whatever else is not', async () => {
  const client = await open();
  for (const value of [1, 2]) expect(await ask(client, 'select $1::int as value', value)).toEqual([{ value }]);
  await ask(client, 'begin');
  await ask(client, 'commit');
  expect(await ask(client, PREPARED)).toEqual([{ statement: 'select $1::int as value' }, { statement: PREPARED }]);
  client.release();
});

// As PgBouncer has it: the process that it names to its client is none of the database.
test('behind a pooler nothing is prepared, for the next statement may go to another connection', async () => {
  pool.on('connect', (client) => Reflect.set(client, 'processID', 1));
  const client = await open();
  for (const value of [1, 2]) expect(await ask(client, 'select $1::int as value', value)).toEqual([{ value }]);
  expect(await ask(client, PREPARED)).toEqual([]);
  client.release();
});

const searchPath = async (client: Awaited<ReturnType<typeof open>>) => await ask(client, 'show search_path');

test('each connection to the database itself looks names up in the schema, and nowhere else', async () => {
  const client = await boundStatements(pool, { ...SETTINGS, schema: 'people' }).connect();
  expect(await searchPath(client)).toEqual([{ search_path: 'people' }]);
  client.release();
});

test('behind a pooler no schema is set, and one that its role does not have is refused in one line', async () => {
  pool.on('connect', (client) => Reflect.set(client, 'processID', 1));
  const { connect } = boundStatements(pool, { ...SETTINGS, schema: 'people' });
  const refused: unknown = await connect().catch((error: unknown) => error);
  expect(String(refused)).toMatch(/^DatabaseUnavailableError: The database is behind a pooler, [^\n]* people [^\n]*$/);
  expect(pool.totalCount).toBe(0);

  const name = new URL(url).pathname.slice(1);
  const ours = await open();
  await ask(ours, 'create schema people');
  await ask(ours, `alter database ${name} set search_path = people`);
  expect(await searchPath(ours)).toEqual([{ search_path: '"$user", public' }]);
  ours.release();
  await pool.end();
  pool = new pg.Pool({ connectionString: url, max: 1 });
  pool.on('connect', (client) => Reflect.set(client, 'processID', 1));
  const client = await boundStatements(pool, { ...SETTINGS, schema: 'people' }).connect();
  expect(await searchPath(client)).toEqual([{ search_path: 'people' }]);
  client.release();
});

test('a prepared statement outlives its error', async () => {
  const client = await open();
  await expect(ask(client, 'select 1 / $1::int as one', 0)).rejects.toThrow('division by zero');
  expect(await ask(client, 'select 1 / $1::int as one', 1)).toEqual([{ one: 1 }]);
  client.release();
});

test('each connection has the timeout of a statement', async () => {
  const client = await open();
  expect(await ask(client, 'show statement_timeout')).toEqual([{ statement_timeout: '10s' }]);
  client.release();
});

const pidOf = async (client: Awaited<ReturnType<typeof open>>) =>
  (await ask(client, 'select pg_backend_pid() as pid'))[0]?.['pid'];

test('a connection that refused to write is dropped, once its transaction is undone', async () => {
  const client = await open();
  const before = await pidOf(client);
  await ask(client, 'begin read only');
  await expect(ask(client, 'create table t (id integer)')).rejects.toMatchObject({ code: '25006' });
  await ask(client, 'rollback');
  client.release();
  const next = await open();
  expect(await pidOf(next)).not.toBe(before);
  next.release();
});

/** What a server says when a connection introduces itself, changed. */
const answering = (change: Record<string, unknown>): void => {
  pool.on('connect', (client) => {
    Reflect.set(client, 'query', async (...args: unknown[]) => {
      const result: unknown = await Reflect.apply(pg.Client.prototype.query, client, args);
      if (typeof result === 'object' && result !== null && 'rows' in result && Array.isArray(result.rows)) {
        result.rows = result.rows.map((row: object) => ('node' in row ? { ...row, ...change } : row));
      }
      return result;
    });
  });
};

test('a standby is no database, not even to read from', async () => {
  answering({ standby: true });
  await expect(open()).rejects.toMatchObject({ name: 'NotWritableError', code: '25006' });
  expect(pool.totalCount).toBe(0);
});

test('once a new connection leads to another server, those to the last one are dropped', async () => {
  await pool.end();
  pool = new pg.Pool({ connectionString: url, max: 2 });
  // The one that is dropped may still be leaving when its database goes.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const { connect } = boundStatements(pool, SETTINGS);
  const old = await connect();
  // The name points elsewhere from now on.
  answering({ node: 'another' });
  const newest = await connect();
  const pid = await pidOf(newest);
  newest.release();
  // The last one that comes back is the first to be handed out.
  old.release();

  const next = await connect();
  expect(await pidOf(next)).toBe(pid);
  expect(pool.totalCount).toBe(1);
  next.release();
});
