import { randomUUID } from 'node:crypto';
import type { TablesOf } from 'latchkey/server';
import { expect, test } from 'vitest';
import { createTestAuth } from '#testing/auth.ts';
import { eachStore } from '#testing/each-store.ts';
import { createNoteSignals, createNotes, deleteNotes, exportNotes, type NoteTables, noteMigrations } from './index.ts';

test.each(eachStore)(
  'an account’s export has its notes, and its deletion takes them along, on $dialect',
  async ({ dialect, open }) => {
    const store = await open();
    const database = store.database.db.withTables<TablesOf<NoteTables>>();
    const kit = await createTestAuth(store, {
      migrations: [{ name: 'app', migrations: noteMigrations(dialect) }],
      onDelete: ({ user, transaction }) => deleteNotes(transaction.withTables<TablesOf<NoteTables>>(), user.id),
      onExport: async ({ user }) => ({ notes: await exportNotes(database, user.id) }),
    });
    const notes = createNotes({ database, clock: kit.clock, randomId: randomUUID, signals: createNoteSignals() });
    const [ada, grace] = [kit.openBrowser(), kit.openBrowser()];
    await ada.register('ada');
    await grace.register('grace');
    for (const browser of [ada, grace]) {
      const { id } = await browser.call().user.me();
      await notes.create(id, { text: 'one' });
      await notes.create(id, { text: 'two' });
    }

    expect(await ada.call().user.export()).toMatchObject({ app: { notes: [{ text: 'two' }, { text: 'one' }] } });
    await ada.call().auth.deleteAccount({ confirm: 'ada' });
    for (const [table, left] of [
      ['notes', 2],
      ['note_changes', 2],
      ['note_counters', 1],
    ] as const) {
      expect(await database.selectFrom(table).select('user_id').execute()).toHaveLength(left);
    }
    await kit.stop();
    await store.remove();
  },
);
