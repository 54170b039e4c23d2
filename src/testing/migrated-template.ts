import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import pg from 'pg';
import { runOnPostgres, urlOfDatabase } from './run-on-postgres.ts';

/** A database with all tables of the reference server and no rows, and how a copy of it is told and emptied. */
export interface MigratedTemplate {
  name: string;
  /** Asks for the shape of a database, which is another one after any change of its tables, functions or settings. */
  shapeQuery: string;
  shape: string;
  /** Deletes the rows of all tables. */
  emptying: string;
}

/** Its prefix is that of the copies as well. */
const PREFIX = 'latchkey_test_';

/** From here on numbers are of what users made. */
const FIRST_OF_USERS = 16_384;

/** What a database is made of, by the column that says whose a row is. */
const CATALOGS = {
  pg_class: 'oid',
  pg_attribute: 'attrelid',
  pg_attrdef: 'oid',
  pg_constraint: 'oid',
  pg_trigger: 'oid',
  pg_proc: 'oid',
  pg_policy: 'oid',
};

/**
 * Whatever is written to a catalog has another transaction in `xmin`, and a copy takes over the one of its template: so
 * each change is noticed without a look at what was changed. Of the migrations, what has run counts.
 */
const shapeQueryOf = (migrationTables: readonly string[]): string => {
  const parts = [
    ...Object.entries(CATALOGS).map(
      ([catalog, id]) =>
        `select '${catalog} ' || ${id} || ' ' || xmin part from ${catalog} where ${id} >= ${FIRST_OF_USERS}`,
    ),
    `select 'schema ' || nspname || ' ' || xmin from pg_namespace where nspname !~ '^pg_(toast_)?temp_'`,
    `select 'database ' || concat_ws(' ', datconnlimit, datallowconn, datacl) from pg_database where datname = current_database()`,
    `select 'setting ' || array_to_string(setconfig, ' ') from pg_db_role_setting
      where setdatabase = (select oid from pg_database where datname = current_database())`,
    ...migrationTables.map((table) => `select '${table} ' || row_of::text from ${table} row_of`),
  ];
  return `select md5(string_agg(part, ',' order by part)) shape from (${parts.join(' union all ')}) parts`;
};

/**
 * All tables in one statement, so that no reference is looked at before all rows are gone; and once more, since
 * triggers write down what has been deleted.
 */
const emptyingOf = (tables: readonly string[]): string => {
  const once = `with ${tables.map((table, index) => `emptied_${index} as (delete from ${table})`).join(', ')} select`;
  return `${once}; ${once}`;
};

const describeTemplate = async (url: string): Promise<Omit<MigratedTemplate, 'name'>> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const listing = `select format('%I.%I', schemaname, tablename) "table" from pg_tables where schemaname = 'public'`;
    const tables = (await client.query<{ table: string }>(listing)).rows.map(({ table }) => table);
    const ofMigrations = tables.filter((table) => /_migration(?:_lock)?$/.test(table));
    const shapeQuery = shapeQueryOf(ofMigrations);
    const [{ shape } = { shape: '' }] = (await client.query<{ shape: string }>(shapeQuery)).rows;
    return { shapeQuery, shape, emptying: emptyingOf(tables.filter((table) => !ofMigrations.includes(table))) };
  } finally {
    await client.end();
  }
};

/** Makes one, by the reference server's own command. */
export const createMigratedTemplate = async (server: string, command: string): Promise<MigratedTemplate> => {
  const name = `${PREFIX}${randomBytes(4).toString('hex')}`;
  const url = urlOfDatabase(server, name);
  await runOnPostgres(server, `create database ${name} template template0 strategy file_copy`);
  // Elsewhere than in the root, whose `.env` is the developer's.
  const options = { cwd: tmpdir(), env: { PATH: process.env.PATH } };
  await promisify(execFile)(process.execPath, [command, '--database', url, 'migrate'], options);
  return { name, ...(await describeTemplate(url)) };
};

/** Removes it, and all copies. */
export const dropMigratedTemplate = async (server: string, { name }: MigratedTemplate): Promise<void> => {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    const listing = 'select datname from pg_database where starts_with(datname, $1)';
    const { rows } = await client.query<{ datname: string }>(listing, [name]);
    for (const { datname } of rows) await client.query(`drop database if exists ${datname} with (force)`);
  } finally {
    await client.end();
  }
};
