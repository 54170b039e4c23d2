import { fork } from 'node:child_process';
import { once } from 'node:events';
import { type Kysely, type Migration, sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eachEmptyStore, type TestStore } from '#testing/each-store.ts';
import { processEntry } from '#testing/process-entry.ts';
import { createStore } from '../../database/create-store.ts';

const counting = (): { migrations: Record<string, Migration>; ran: string[] } => {
  const ran: string[] = [];
  const step = (name: string): Migration => ({
    up: async (db: Kysely<unknown>) => {
      ran.push(name);
      await db.schema.createTable(`made_by_${name}`).addColumn('id', 'text').execute();
    },
  });
  return { ran, migrations: { one: step('one'), two: step('two') } };
};

describe.each(eachEmptyStore)('migrations on $dialect', ({ open }) => {
  let store: TestStore;
  beforeEach(async () => {
    store = await open();
  });
  afterEach(() => store.remove());

  test('run once, and are remembered under the name of their set', async () => {
    const first = counting();
    await store.database.migrate([{ name: 'thing', migrations: first.migrations }]);
    await store.database.migrate([{ name: 'thing', migrations: first.migrations }]);

    expect(first.ran).toEqual(['one', 'two']);
    const { rows } = await sql<{ name: string }>`select name from thing_migration order by name`.execute(
      store.database.db,
    );
    expect(rows.map(({ name }) => name)).toEqual(['one', 'two']);
  });

  test('run once when many connections start at the same moment', async () => {
    const others = Array.from({ length: 4 }, () => createStore(store.location));
    const shared = counting();
    await Promise.all(
      [store.database, ...others].map((database) =>
        database.migrate([{ name: 'thing', migrations: shared.migrations }]),
      ),
    );
    await Promise.all(others.map((database) => database.close()));
    expect(shared.ran).toEqual(['one', 'two']);
  });

  test('run once when several processes start at the same moment', async () => {
    const processes = Array.from({ length: 3 }, () =>
      fork(processEntry('migrator'), [store.location.dataDir, store.location.databaseUrl ?? []].flat(), {
        execArgv: [],
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      }),
    );
    const messages = await Promise.all(
      processes.map(async (child) => {
        const errors: string[] = [];
        child.stderr?.on('data', (data: Buffer) => errors.push(data.toString()));
        const ended: unknown[] = await once(child, 'exit');
        return `${String(ended[0])} ${errors.join('')}`.trim();
      }),
    );
    expect(messages).toEqual(['0', '0', '0']);
    const { rows } = await sql<{ name: string }>`select name from slow_migration`.execute(store.database.db);
    expect(rows).toHaveLength(2);
  });

  test('that another build has run refuse the store in one line, and leave it as it is', async () => {
    const { migrations, ran } = counting();
    await store.database.migrate([{ name: 'thing', migrations }]);
    const { one, ...newer } = migrations;
    for (const others of [{ one }, { ...newer }, { one, another: one }]) {
      const known = Object.fromEntries(Object.entries(others).flatMap(([name, each]) => (each ? [[name, each]] : [])));
      const error: unknown = await store.database
        .migrate([{ name: 'thing', migrations: known }])
        .catch((reason: unknown) => reason);
      expect(String(error)).toMatch(
        /^DatabaseUnavailableError: The store was migrated by another build, [^\n]*\(thing\)[^\n]*$/,
      );
    }
    expect(ran).toEqual(['one', 'two']);
    await store.database.migrate([{ name: 'thing', migrations }]);
  });

  test('leave nothing behind when one fails', async () => {
    const { migrations } = counting();
    const broken: Migration = { up: (db) => sql`select * from nowhere`.execute(db).then(() => undefined) };
    await expect(store.database.migrate([{ name: 'thing', migrations: { ...migrations, z: broken } }])).rejects.toThrow(
      'nowhere',
    );

    const tables = await store.database.db.introspection.getTables();
    expect(tables.map(({ name }) => name).filter((name) => name.startsWith('made_by'))).toEqual([]);
  });
});
