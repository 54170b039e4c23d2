import { randomUUID } from 'node:crypto';
import { isTrackedEnvelope } from '@trpc/server';
import { sql } from 'kysely';
import type { TablesOf } from 'latchkey/server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createStore } from '#server/database/index.ts';
import { appRouter } from '#server/routers/index.ts';
import { createCallerFactory } from '#server/routers/trpc.ts';
import type { NoteChange } from '#shared/notes.ts';
import { createTestAuth, type TestAuth, type TestBrowser } from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import { createNoteChanges, createNoteSignals, createNotes, type NoteTables, noteMigrations } from './index.ts';

const createCaller = createCallerFactory(appRouter);
/** A caller gets the envelope itself, which only a client sees as its parts. */
const readTracked = (value: unknown): { id: string; data: NoteChange } => {
  if (!isTrackedEnvelope<NoteChange>(value)) throw new Error('The event has no id.');
  const [id, data] = value;
  return { id, data };
};

const DAY = 24 * 60 * 60 * 1000;

describe.each(eachStore)('changes of notes on $dialect', ({ open }) => {
  let store: TestStore;
  let stack: TestAuth;
  let browser: TestBrowser;
  let abort: AbortController;

  const services = (database = store.database) => {
    const signals = createNoteSignals();
    const db = database.db.withTables<TablesOf<NoteTables>>();
    return {
      signals,
      notes: createNotes({ database: db, clock: stack.clock, randomId: randomUUID, signals }),
      noteChanges: createNoteChanges({ database: db, signals }),
    };
  };
  const callerOf = (of: TestBrowser, { notes, noteChanges } = here) =>
    createCaller({ ...of.context(), notes, noteChanges }, { signal: abort.signal }).notes;
  let here: ReturnType<typeof services>;

  beforeEach(async () => {
    store = await open();
    stack = await createTestAuth(store);
    await store.database.migrate([{ name: 'app', migrations: noteMigrations(store.database.dialect) }]);
    abort = new AbortController();
    here = services();
    browser = stack.openBrowser();
    await browser.register('ada');
  });
  afterEach(async () => {
    abort.abort();
    await stack.stop();
    await store.remove();
  });

  /** The next so many events of a subscription, in words, and the id of the last. */
  const take = async (count: number, lastEventId?: string, caller = callerOf(browser)) => {
    const events = await caller.onChange(lastEventId === undefined ? undefined : { lastEventId });
    const iterator = events[Symbol.asyncIterator]();
    const seen: string[] = [];
    let lastId = lastEventId;
    return {
      read: async () => {
        while (seen.length < count) {
          const { value, done } = await iterator.next();
          if (done) break;
          const { id, data: change } = readTracked(value);
          lastId = id;
          seen.push(change.type === 'created' ? `+${change.note.text}` : change.type);
        }
        await iterator.return?.();
        return { seen, lastId };
      },
    };
  };

  test('are heard from the moment of the subscription on, in order', async () => {
    const ada = callerOf(browser);
    await ada.create({ text: 'before' });
    const first = await take(2);
    const { id } = await ada.create({ text: 'one' });
    await ada.create({ text: 'two' });
    const { seen, lastId } = await first.read();
    expect(seen).toEqual(['+one', '+two']);
    const second = await take(1, lastId);
    const heard = second.read();
    await ada.delete({ id });
    expect((await heard).seen).toEqual(['deleted']);
  });

  test('are not looked for when a note was there already', async () => {
    const ada = callerOf(browser);
    const note = { id: randomUUID(), text: 'one' };
    const listener = here.signals.listen((await stack.services.accountChanges.find('ada'))?.id ?? '');
    await ada.create(note);
    await listener.changed(undefined);

    let isWoken = false;
    void listener.changed(undefined).then(() => {
      isWoken = true;
    });
    await ada.create(note);
    await new Promise(setImmediate);
    expect(isWoken).toBe(false);
    await ada.create({ text: 'two' });
    await new Promise(setImmediate);
    expect(isWoken).toBe(true);
    listener.close();
  });

  test('are resumed behind the last event that was seen, none lost and none twice', async () => {
    const ada = callerOf(browser);
    const first = await take(1);
    await ada.create({ text: 'one' });
    const { lastId } = await first.read();
    await ada.create({ text: 'two' });
    await ada.create({ text: 'three' });
    const second = await take(2, lastId);
    expect((await second.read()).seen).toEqual(['+two', '+three']);
  });

  test('say reset to an id that is none, too new or too old, and go on from there', async () => {
    const ada = callerOf(browser);
    for (const text of ['1', '2']) await ada.create({ text });
    stack.clock.advance(DAY + 1);
    await browser.refresh();
    await callerOf(browser).create({ text: '3' });
    for (const id of ['garbage', '-1', '999', '0', '1', '1e3', '999.0', '2.7', '2.', '.5', '0.0']) {
      const { read } = await take(1, id);
      expect((await read()).seen).toEqual(['reset']);
    }
    for (const id of ['2', '2.0']) {
      const { read } = await take(1, id);
      expect((await read()).seen).toEqual(['+3']);
    }
  });

  /** What a new primary knows nothing of: all that came after the user's first change. */
  const loseAllButFirst = async () => {
    const { db } = store.database;
    await sql`delete from note_changes where change > 1`.execute(db);
    await sql`delete from notes where change > 1`.execute(db);
    await sql`update note_counters set last_change = 1`.execute(db);
    stack.clock.advance(5_000);
  };
  /** An open stream that has seen everything, read event by event. */
  const openStream = async () => {
    const stream = (await callerOf(browser).onChange({ lastEventId: '0' }))[Symbol.asyncIterator]();
    return async () => readTracked((await stream.next()).value);
  };

  test('say reset to an open stream that is past what the store counts, as after a failover that lost writes', async () => {
    const ada = callerOf(browser);
    const next = await openStream();
    for (const text of ['1', '2', '3', '4']) await ada.create({ text });
    for (let count = 0; count < 4; count += 1) await next();
    const first = next();
    await loseAllButFirst();
    // Its connection is new, upon which everybody looks.
    here.signals.wakeAll();
    expect((await first).data).toEqual({ type: 'reset' });
    for (const text of ['new 2', 'new 3', 'new 4', 'new 5']) {
      const heard = next();
      await ada.create({ text });
      expect((await heard).data).toMatchObject({ type: 'created', note: { text } });
    }
  });

  test.each([2, 3, 4])(
    'say reset to a stream that first looks after %i new changes in place of three that were lost',
    async (count) => {
      const ada = callerOf(browser);
      const next = await openStream();
      for (const text of ['1', '2', '3', '4']) await ada.create({ text });
      const ids: string[] = [];
      for (let event = 0; event < 4; event += 1) ids.push((await next()).id);
      // Nobody has woken it: it looks when it is read on.
      await loseAllButFirst();
      for (let made = 1; made <= count; made += 1) await ada.create({ text: `new ${made}` });
      expect((await next()).data).toEqual({ type: 'reset' });

      for (const lost of ids.slice(1)) {
        const { seen } = await (await take(1, lost)).read();
        expect({ lost, seen }).toEqual({ lost, seen: ['reset'] });
      }
      const kept = await take(count, ids[0]);
      expect((await kept.read()).seen).toEqual(Array.from({ length: count }, (_, made) => `+new ${made + 1}`));

      const heard = next();
      await ada.create({ text: 'after' });
      expect((await heard).data).toMatchObject({ type: 'created', note: { text: 'after' } });
    },
  );

  test('say reset where a change was lost under a number that had been left out', async () => {
    const ada = callerOf(browser);
    await ada.create({ text: '1' });
    await ada.delete({ id: randomUUID() }).catch(() => undefined);
    // At number 2, under which no change is kept.
    const next = await openStream();
    await next();
    const fresh = (await ada.onChange())[Symbol.asyncIterator]();
    await loseAllButFirst();
    await ada.create({ text: 'new 2' });
    expect(readTracked((await fresh.next()).value).data).toEqual({ type: 'reset' });
    expect((await next()).data).toMatchObject({ type: 'created', note: { text: 'new 2' } });
  });

  test('say one reset, and no more, to a stream whose last change is no longer kept', async () => {
    const first = await take(1);
    await callerOf(browser).create({ text: '1' });
    const { lastId } = await first.read();
    await sql`delete from note_changes`.execute(store.database.db);
    const second = await (await take(1, lastId)).read();
    expect(second.seen).toEqual(['reset']);
    const third = await take(1, second.lastId);
    await callerOf(browser).create({ text: '2' });
    expect((await third.read()).seen).toEqual(['+2']);
  });

  test('of which a stream missed very many are one reset, from which it goes on', async () => {
    const ada = callerOf(browser);
    for (let count = 0; count < 101; count += 1) await ada.create({ text: String(count) });
    const first = await take(100, '1');
    expect((await first.read()).seen).toEqual(Array.from({ length: 100 }, (_, index) => `+${index + 1}`));
    const far = await take(1, '0');
    const { seen, lastId } = await far.read();
    expect(seen).toEqual(['reset']);
    const { read } = await take(1, lastId);
    await ada.create({ text: 'after' });
    expect((await read()).seen).toEqual(['+after']);
  });

  test('let others have their turn between any two of them', async () => {
    const ada = callerOf(browser);
    for (let count = 0; count < 50; count += 1) await ada.create({ text: String(count) });
    const { read } = await take(50, '0');
    let turns = 0;
    let isOver = false;
    const takeTurns = (): void => {
      turns += 1;
      if (!isOver) setImmediate(takeTurns);
    };
    takeTurns();
    await read();
    isOver = true;
    expect(turns).toBeGreaterThanOrEqual(50);
  });

  test('of another user are not heard', async () => {
    const bob = stack.openBrowser();
    await bob.register('bob');
    const { read } = await take(1);
    await callerOf(bob).create({ text: 'private' });
    await callerOf(browser).create({ text: 'mine' });
    expect((await read()).seen).toEqual(['+mine']);
  });

  test('by twenty writers at once are all heard, once each, across resumes', async () => {
    const writers = Array.from({ length: 20 }, (_, index) => callerOf(browser).create({ text: String(index) }));
    const heard: string[] = [];
    let lastId = '0';
    while (heard.length < 20) {
      const { read } = await take(Math.min(7, 20 - heard.length), lastId);
      const part = await read();
      heard.push(...part.seen);
      lastId = part.lastId ?? lastId;
    }
    await Promise.all(writers);
    expect(heard.toSorted()).toEqual(Array.from({ length: 20 }, (_, index) => `+${index}`).toSorted());
  });

  test('made by another process are heard once it is said that something changed', async () => {
    const database = createStore(store.location);
    const there = services(database);
    const { read } = await take(1);
    const heard = read();
    const note = await callerOf(browser, there).create({ text: 'from there' });
    here.signals.wakeAll();
    expect((await heard).seen).toEqual([`+${note.text}`]);
    await database.close();
  });
});
