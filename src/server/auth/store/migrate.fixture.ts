import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Kysely, Migration } from 'kysely';
import { postgres } from './postgres/open.ts';
import { sqlite } from './sqlite/open.ts';

/**
 * A process of `migrate.test.ts`: its migrations take longer than SQLite's busy timeout, and each fails when it runs
 * twice.
 */
const slow = (name: string): Migration => ({
  up: async (db: Kysely<unknown>) => {
    await db.schema.createTable(`slow_${name}`).addColumn('id', 'text').execute();
    await sleep(200);
  },
});

const [, , dataDir = '', databaseUrl] = process.argv;
const database =
  databaseUrl === undefined
    ? sqlite(join(dataDir, 'latchkey.sqlite'))
    : postgres({ url: databaseUrl, schema: 'public' });
await database.migrate([{ name: 'slow', migrations: { one: slow('one'), two: slow('two') } }]);
await database.close();
process.disconnect();
