import pg from 'pg';
import { inject } from 'vitest';
import type { MigratedTemplate } from './migrated-template.ts';
import { urlOfDatabase } from './run-on-postgres.ts';

export interface MigratedDatabase {
  /** For `DATABASE_URL`, or a pool. */
  url: string;
  /** Leaves it to whoever takes one next. */
  giveBack(): Promise<void>;
}

/** Of the advisory locks that say which databases are taken. */
const LOCKS = 0x7e57;

/** More than tests have at once. */
const MAX_TAKEN = 100;

/** The lowest number that nobody has. It is taken for as long as the connection lives. */
const lockNumber = async (client: pg.Client): Promise<number> => {
  const { rows } = await client.query<{ number: number }>(
    `select number from generate_series(1, ${MAX_TAKEN}) number where pg_try_advisory_lock(${LOCKS}, number) limit 1`,
  );
  const [{ number } = { number: undefined }] = rows;
  if (number === undefined) throw new Error(`There are ${MAX_TAKEN} databases taken: some were not given back.`);
  return number;
};

/** Empties what an earlier test has left, and answers whether it is still of the shape that the template has. */
export const emptyIfUnchanged = async (
  url: string,
  { shapeQuery, shape, emptying }: MigratedTemplate,
): Promise<boolean> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ shape: string }>(shapeQuery);
    if (rows[0]?.shape !== shape) return false;
    await client.query(emptying);
    return true;
  } finally {
    await client.end();
  }
};

/**
 * Takes a Postgres database with all tables and no rows, for one test file or one test. Making one and removing it
 * costs more than most tests do, so there are few, and each is emptied for the next test that takes it. One whose
 * tables a test has changed is made anew.
 */
export const takeMigratedDatabase = async (): Promise<MigratedDatabase> => {
  const server = inject('postgresUrl');
  const template = inject('migratedTemplate');
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    const name = `${template.name}_${await lockNumber(client)}`;
    const url = urlOfDatabase(server, name);
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
    const isThere = rowCount === 1;
    // A process that was killed may have left connections open.
    await client.query(
      `select pg_terminate_backend(pid, 10000) from pg_stat_activity
        where datname = $1 and backend_type = 'client backend'`,
      [name],
    );
    if (!isThere || !(await emptyIfUnchanged(url, template))) {
      await client.query(`drop database if exists ${name} with (force)`);
      await client.query(`create database ${name} template ${template.name} strategy file_copy`);
    }
    return { url, giveBack: () => client.end() };
  } catch (error) {
    await client.end();
    throw error;
  }
};
