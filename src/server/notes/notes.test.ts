import { randomUUID } from 'node:crypto';
import { TRPCError } from '@trpc/server';
import type { AuthTables, RevocationFeed, TablesOf } from 'latchkey/server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { appRouter } from '#server/routers/index.ts';
import { createCallerFactory } from '#server/routers/trpc.ts';
import { createTestAuth, type TestAuth, type TestBrowser } from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import {
  createNoteChanges,
  createNoteSignals,
  createNotes,
  type NoteChanges,
  type Notes,
  type NoteTables,
  noteMigrations,
} from './index.ts';

const createCaller = createCallerFactory(appRouter);

const codeOf = async (call: Promise<unknown>): Promise<unknown> => {
  const error: unknown = await call.catch((reason: unknown) => reason);
  return error instanceof TRPCError ? error.code : error;
};

/** What was deleted by hand is written to before its notice comes. */
const hearsNothing: RevocationFeed = {
  start: () => Promise.resolve(),
  isLive: () => true,
  lag: () => 0,
  announce: () => Promise.resolve(),
  stop: () => Promise.resolve(),
};

describe.each(eachStore)('notes on $dialect', ({ open }) => {
  let store: TestStore;
  let stack: TestAuth;
  let notes: Notes;
  let noteChanges: NoteChanges;
  let ada: ReturnType<typeof callerOf>;
  let bob: ReturnType<typeof callerOf>;

  const callerOf = (browser: TestBrowser) => createCaller({ ...browser.context(), notes, noteChanges }).notes;

  beforeEach(async () => {
    store = await open();
    stack = await createTestAuth(store, { feed: hearsNothing });
    await store.database.migrate([{ name: 'app', migrations: noteMigrations(store.database.dialect) }]);
    const database = store.database.db.withTables<TablesOf<NoteTables>>();
    const signals = createNoteSignals();
    notes = createNotes({ database, clock: stack.clock, randomId: randomUUID, signals });
    noteChanges = createNoteChanges({ database, signals });
    const [adasBrowser, bobsBrowser] = [stack.openBrowser(), stack.openBrowser()];
    await adasBrowser.register('ada');
    await bobsBrowser.register('bob');
    ada = callerOf(adasBrowser);
    bob = callerOf(bobsBrowser);
  });
  afterEach(async () => {
    await stack.stop();
    await store.remove();
  });

  const add = async (...texts: string[]): Promise<void> => {
    for (const text of texts) await ada.create({ text });
  };
  const textsOf = ({ notes }: { notes: { text: string }[] }): string[] => notes.map(({ text }) => text);

  test('a user who is not there any more writes nothing, and is told that the session is over', async () => {
    await store.database.db.withTables<AuthTables>().deleteFrom('auth_users').where('username', '=', 'ada').execute();
    const over = { code: 'UNAUTHORIZED', cause: { reason: 'session_revoked' } };
    await expect(ada.create({ text: 'too late' })).rejects.toMatchObject(over);
    await expect(ada.delete({ id: randomUUID() })).rejects.toMatchObject(over);
    expect(await ada.list()).toEqual({ notes: [], nextCursor: null });
    expect(await bob.create({ text: 'still here' })).toMatchObject({ text: 'still here' });
  });

  test('are listed newest first, also those of one millisecond and those made while the clock went back', async () => {
    await add('one', 'two');
    stack.clock.advance(-5_000);
    await add('three');
    expect(textsOf(await ada.list())).toEqual(['three', 'two', 'one']);
    expect((await ada.list()).notes[0]?.createdAt).toBe('2026-01-01T11:59:55.000Z');
  });

  test('are paged without a gap or a repetition, while others are added and deleted', async () => {
    await add('1', '2', '3', '4', '5');
    const first = await ada.list({ limit: 2 });
    await add('6');
    await ada.delete({ id: first.notes[1]?.id ?? '' });
    const second = await ada.list({ limit: 2, cursor: first.nextCursor ?? '' });
    const third = await ada.list({ limit: 2, cursor: second.nextCursor ?? '' });
    expect([first, second, third].map(textsOf)).toEqual([['5', '4'], ['3', '2'], ['1']]);
    expect(third.nextCursor).toBeNull();
  });

  test('end with a null cursor on a page that is exactly full, and on an empty one', async () => {
    expect(await ada.list()).toEqual({ notes: [], nextCursor: null });
    await add('1', '2');
    expect((await ada.list({ limit: 2 })).nextCursor).toBeNull();
  });

  test('come fifty to a page unless told otherwise, and one to a hundred when told', async () => {
    for (let count = 0; count < 51; count += 1) await add(String(count));
    expect((await ada.list()).notes).toHaveLength(50);
    expect((await ada.list({})).notes).toHaveLength(50);
    expect((await ada.list({ limit: 100 })).notes).toHaveLength(51);
    for (const limit of [0, 101, 1.5]) expect(await codeOf(ada.list({ limit }))).toBe('BAD_REQUEST');
  });

  test('refuse a cursor that is mangled, made up or another user’s', async () => {
    await add('1', '2');
    const { nextCursor } = await ada.list({ limit: 1 });
    const cursor = nextCursor ?? '';
    const last = cursor.endsWith('A') ? 'B' : 'A';
    for (const wrong of ['', '1', 'x'.repeat(100), `${cursor.slice(0, -1)}${last}`, `${cursor}=`, btoa('{"id":1}')]) {
      expect(await codeOf(ada.list({ cursor: wrong }))).toBe('BAD_REQUEST');
    }
    expect(await codeOf(bob.list({ cursor }))).toBe('BAD_REQUEST');
  });

  test('are the user’s own: nobody else lists or deletes them', async () => {
    await add('private');
    const [note] = (await ada.list()).notes;
    expect(await bob.list()).toEqual({ notes: [], nextCursor: null });
    expect(await codeOf(bob.delete({ id: note?.id ?? '' }))).toBe('NOT_FOUND');
    expect(textsOf(await ada.list())).toEqual(['private']);
  });

  test('with an id made by the client are made once, however often and however close together they are sent', async () => {
    const id = randomUUID();
    const answers = await Promise.all(['first', 'again', 'again'].map((text) => ada.create({ id, text })));
    const late = await ada.create({ id: id.toUpperCase(), text: 'late' });
    expect(new Set([...answers, late].map(({ text }) => text)).size).toBe(1);
    expect((await ada.list()).notes).toEqual([late]);
  });

  test('of two users may have the same id', async () => {
    const id = randomUUID();
    await ada.create({ id, text: 'of ada' });
    expect(await bob.create({ id, text: 'of bob' })).toMatchObject({ id, text: 'of bob' });
    await ada.delete({ id });
    expect(textsOf(await bob.list())).toEqual(['of bob']);
  });

  test('that are deleted are gone, and a second time not found', async () => {
    const { id } = await ada.create({ text: 'short-lived' });
    expect(await ada.delete({ id })).toEqual({ ok: true });
    expect(await codeOf(ada.delete({ id }))).toBe('NOT_FOUND');
    expect(await codeOf(ada.delete({ id: 'nothing like an id' }))).toBe('NOT_FOUND');
  });

  test('have 1 to 1,000 characters, kept as they are', async () => {
    const strange = ` ${'🗝'.repeat(998)}\n`;
    expect(await ada.create({ text: strange })).toMatchObject({ text: strange });
    for (const text of ['', 'x'.repeat(1_001), 'with \0 in it']) {
      expect(await codeOf(ada.create({ text }))).toBe('BAD_REQUEST');
    }
  });

  test('refuse keys that they do not know, and ids that are none', async () => {
    const [note, page, id] = [
      { text: 'x', userId: 'bob' },
      { limit: 1, all: true },
      { id: 'x', really: true },
    ];
    for (const call of [
      ada.create(note),
      ada.list(page),
      ada.delete(id),
      ada.create({ text: 'x', id: 'not-a-uuid' }),
    ]) {
      expect(await codeOf(call)).toBe('BAD_REQUEST');
    }
    expect(await codeOf(ada.delete({ id: '\0' }))).toBe('BAD_REQUEST');
  });

  test('need a user who is signed in', async () => {
    const anonymous = callerOf(stack.openBrowser());
    for (const call of [anonymous.list(), anonymous.create({ text: 'x' }), anonymous.delete({ id: randomUUID() })]) {
      expect(await codeOf(call)).toBe('UNAUTHORIZED');
    }
  });
});
