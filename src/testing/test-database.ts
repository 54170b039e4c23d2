import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { runOnPostgres } from './run-on-postgres.ts';

export interface TestDatabase {
  /** For `DATABASE_URL`, or a pool. */
  url: string;
  /** Removes it, closing the connections that are left. */
  drop(): Promise<void>;
}

/** Creates an empty Postgres database, for one test file or one test. */
export const createTestDatabase = async (): Promise<TestDatabase> => {
  const server = inject('postgresUrl');
  const name = `latchkey_test_${randomBytes(8).toString('hex')}`;
  await runOnPostgres(server, `create database ${name} template template0`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => runOnPostgres(server, `drop database if exists ${name} with (force)`) };
};
