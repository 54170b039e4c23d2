import type { TablesOf } from 'latchkey/server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTestAuth, type TestAuth } from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import { type NoteDatabase, type NoteTables, noteMigrations, purgeNoteChanges } from './index.ts';

const DAY = 24 * 60 * 60 * 1000;
const NOW = 100 * DAY;

describe.each(eachStore)('on $dialect', ({ open }) => {
  let store: TestStore;
  let stack: TestAuth;
  let database: NoteDatabase;

  beforeEach(async () => {
    store = await open();
    stack = await createTestAuth(store);
    await store.database.migrate([{ name: 'app', migrations: noteMigrations(store.database.dialect) }]);
    database = store.database.db.withTables<TablesOf<NoteTables>>();
  });
  afterEach(async () => {
    await stack.stop();
    await store.remove();
  });

  test('changes older than a day are purged in steps, the oldest first, and none of the others', async () => {
    await stack.openBrowser().register('ada');
    const userId = (await stack.services.accountChanges.find('ada'))?.id ?? '';
    const ages = [3 * DAY, 2 * DAY, DAY + 1, DAY, 0];
    const rows = ages.map((age, index) => ({
      user_id: userId,
      change: index + 1,
      kind: 'deleted' as const,
      note_id: 'n',
      at: NOW - age,
    }));
    await database.insertInto('note_changes').values(rows).execute();
    const left = async () =>
      (await database.selectFrom('note_changes').select('change').orderBy('change').execute()).map(
        ({ change }) => change,
      );

    const purge = purgeNoteChanges(database);
    const range = { after: '', limit: 2, now: NOW };
    expect(await purge(range)).toEqual({ purged: 2, next: 'more' });
    expect(await left()).toEqual([3, 4, 5]);
    expect(await purge(range)).toEqual({ purged: 1, next: undefined });
    expect(await purge(range)).toEqual({ purged: 0, next: undefined });
    expect(await left()).toEqual([4, 5]);
  });
});
