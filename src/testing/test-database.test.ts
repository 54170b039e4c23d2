import pg from 'pg';
import { expect, test } from 'vitest';
import { createTestDatabase } from './test-database.ts';

test('each test database is empty, apart from the others, and gone after its drop', async () => {
  const [first, second] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  const client = new pg.Client({ connectionString: first.url });
  await client.connect();
  await client.query('create table mine (id bigint)');
  const other = new pg.Client({ connectionString: second.url });
  await other.connect();
  await expect(other.query('select * from mine')).rejects.toThrow('does not exist');
  await Promise.all([client.end(), other.end()]);
  await Promise.all([first.drop(), second.drop()]);
  await expect(new pg.Client({ connectionString: first.url }).connect()).rejects.toThrow('does not exist');
});
