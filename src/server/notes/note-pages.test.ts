import { randomUUID } from 'node:crypto';
import type { TablesOf } from 'latchkey/server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { NoteChange } from '#shared/notes.ts';
import { createTestAuth, type TestAuth } from '#testing/auth.ts';
import { eachRecordedStore, type RecordedStore } from '#testing/recorded-store.ts';
import { createNoteChanges, createNoteSignals, createNotes, type NoteTables, noteMigrations } from './index.ts';

const STREAMS = 32;

describe.each(eachRecordedStore)('on $dialect, of one user with many streams', ({ open }) => {
  let store: RecordedStore;
  let kit: TestAuth;
  let leaving: AbortController[];

  beforeEach(async () => {
    leaving = [];
    store = await open();
    kit = await createTestAuth(store);
    await store.database.migrate([{ name: 'app', migrations: noteMigrations(store.database.dialect) }]);
    await kit.services.purging.stop();
    await kit.openBrowser().register('ada');
  });
  afterEach(async () => {
    for (const abort of leaving) abort.abort();
    await kit.stop();
    await store.remove();
  });

  const openStreams = async () => {
    const database = store.database.db.withTables<TablesOf<NoteTables>>();
    const signals = createNoteSignals();
    const notes = createNotes({ database, clock: kit.clock, randomId: randomUUID, signals });
    const changes = createNoteChanges({ database, signals });
    const { id = '' } = (await kit.services.accountChanges.find('ada')) ?? {};
    const streams = await Promise.all(
      Array.from({ length: STREAMS }, async () => {
        const abort = new AbortController();
        leaving.push(abort);
        return changes.follow(id, await changes.start(id, undefined), abort.signal);
      }),
    );
    const next = () =>
      Promise.all(
        streams.map(async (stream) => {
          const { value } = await stream.next();
          const change: NoteChange | undefined = value?.[1];
          return change;
        }),
      );
    return { id, notes, next, streams };
  };
  const readsOf = async (work: () => Promise<unknown>): Promise<number> =>
    (await store.record(work)).filter(({ sql }) => /^select/i.test(sql) && sql.includes('note_changes')).length;

  test('a change is read once for all of them, and each is told of the same note', async () => {
    const { id, notes, next } = await openStreams();
    for (let round = 0; round < 3; round += 1) {
      const told = next();
      const reads = await readsOf(async () => {
        await new Promise(setImmediate);
        const note = await notes.create(id, { text: `note ${round}` });
        const changes = await told;
        expect(changes).toEqual(Array.from({ length: STREAMS }, () => ({ type: 'created', note })));
        expect(new Set(changes).size).toBe(1);
      });
      // One for all that look at once, and another where a look was under way when it was made.
      expect(reads).toBeLessThanOrEqual(2);
    }
  });

  test('what was changed more often than can be told to all of them is one reset for each', async () => {
    const { id, notes, next } = await openStreams();
    const first = next();
    await notes.create(id, { text: 'first' });
    await first;
    for (let count = 0; count < 40; count += 1) await notes.create(id, { text: String(count) });
    const reads = await readsOf(async () => {
      expect(await next()).toEqual(Array.from({ length: STREAMS }, () => ({ type: 'reset' })));
    });
    expect(reads).toBeLessThanOrEqual(2);
    const told = next();
    await notes.create(id, { text: 'after' });
    expect((await told).map((change) => change?.type)).toEqual(Array.from({ length: STREAMS }, () => 'created'));
  });

  test('none misses a change that is made while others look', async () => {
    const { id, notes, streams } = await openStreams();
    const seen = streams.map(async (stream) => {
      const texts = new Set<string>();
      while (texts.size < 20) {
        const { value } = await stream.next();
        const change: NoteChange | undefined = value?.[1];
        if (change?.type === 'created') texts.add(change.note.text);
        if (change?.type === 'reset') throw new Error('There were no more than twenty.');
      }
      return texts.size;
    });
    await Promise.all(Array.from({ length: 20 }, (_, index) => notes.create(id, { text: String(index) })));
    expect(await Promise.all(seen)).toEqual(Array.from({ length: STREAMS }, () => 20));
  });
});
