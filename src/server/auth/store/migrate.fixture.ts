import { setTimeout as sleep } from 'node:timers/promises';
import type { Kysely, Migration } from 'kysely';
import { openDatabase } from '../../database/open-database.ts';
import { migrate } from './migrate.ts';

/** A process of `migrate.test.ts`: its migrations take longer than SQLite's busy timeout, and each fails when it runs twice. */
const slow = (name: string): Migration => ({
  up: async (db: Kysely<unknown>) => {
    await db.schema.createTable(`slow_${name}`).addColumn('id', 'text').execute();
    await sleep(200);
  },
});

const [, , dataDir = '', databaseUrl] = process.argv;
const database = await openDatabase({ dataDir, databaseUrl, poolSize: 5 });
await migrate(database, [{ name: 'slow', migrations: { one: slow('one'), two: slow('two') } }]);
await database.close();
process.disconnect();
