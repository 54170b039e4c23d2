import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { runOnPostgres, urlOfDatabase } from './run-on-postgres.ts';

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
  // Copying the files takes a fifth of the work of logging each page of them.
  await runOnPostgres(server, `create database ${name} template template0 strategy file_copy`);
  return {
    url: urlOfDatabase(server, name),
    drop: async () => void (await runOnPostgres(server, `drop database if exists ${name} with (force)`)),
  };
};
