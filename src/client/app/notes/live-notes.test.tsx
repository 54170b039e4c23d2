// @vitest-environment happy-dom
import { act, cleanup, screen, waitFor } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { createNoteInput, type Note, type NoteChange, type NotesPage } from '#shared/notes.ts';
import { ada } from '../testing/ada.ts';
import { defer } from '../testing/deferred.ts';
import { refusal } from '../testing/refusal.ts';
import { renderApp } from '../testing/render-app.tsx';
import type { Procedures, StreamListener } from '../testing/scripted-link.ts';

const note = (id: string, text: string): Note => ({ id, text, createdAt: '2026-01-01T00:00:00.000Z' });

/** Ada's page, and a server that keeps `notes` and tells of changes when the test says so. */
const openPage = async (notes: Note[], procedures: Procedures = {}, { isHeldBack = false } = {}) => {
  const listeners = new Set<StreamListener>();
  const list = vi.fn<() => NotesPage | Promise<NotesPage>>(() => ({ notes: [...notes], nextCursor: null }));
  const app = await renderApp('/', {
    user: ada,
    procedures: { 'notes.list': list, ...procedures },
    streams: {
      'notes.onChange': (listener) => {
        listeners.add(listener);
        if (!isHeldBack) listener.start();
        return () => listeners.delete(listener);
      },
    },
  });
  await waitFor(() => expect(listeners.size).toBe(1));
  let events = 0;
  return {
    ...app,
    notes,
    list,
    listeners,
    start: () =>
      act(() => {
        for (const listener of listeners) listener.start();
      }),
    tell: (change: NoteChange) =>
      act(() => {
        events += 1;
        for (const listener of listeners) listener.event(String(events), change);
      }),
  };
};

const shown = (): string[] =>
  screen.queryAllByRole('listitem').map((item) => item.querySelector('p')?.textContent ?? '');

test('a note that was written elsewhere stands in the list at once, and one that was deleted elsewhere is gone', async () => {
  const { tell, list } = await openPage([note('1', 'First')]);
  await screen.findByText('First');
  tell({ type: 'created', note: note('2', 'Second') });
  await waitFor(() => expect(shown()).toEqual(['Second', 'First']));
  tell({ type: 'deleted', id: '1' });
  await waitFor(() => expect(shown()).toEqual(['Second']));
  expect(list).toHaveBeenCalledTimes(1);
});

test('an event of our own note shows it no second time, before the answer or after it', async () => {
  const answer = defer<Note>();
  const create = vi.fn<(input: unknown) => Promise<Note>>(() => answer.promise);
  const { tell, person, notes } = await openPage([], { 'notes.create': create });
  await person.type(await screen.findByLabelText('New note'), 'Mine');
  await person.click(screen.getByRole('button', { name: 'Add' }));
  await waitFor(() => expect(create).toHaveBeenCalledTimes(1));
  const { id = '' } = createNoteInput.parse(create.mock.calls[0]?.[0]);
  const kept = note(id, 'Mine');
  notes.push(kept);
  tell({ type: 'created', note: kept });
  expect(shown()).toEqual(['Mine']);
  answer.resolve(kept);
  await waitFor(() => expect(screen.getByRole('button', { name: 'Add' }).getAttribute('aria-busy')).toBeNull());
  tell({ type: 'created', note: kept });
  expect(shown()).toEqual(['Mine']);
});

test('when the stream starts, and starts again, the list is fetched anew: what happened before is in no event', async () => {
  const { start, notes, list } = await openPage([note('1', 'First')]);
  await screen.findByText('First');
  for (const [round, text] of ['Second', 'Third'].entries()) {
    notes.unshift(note(text, text));
    start();
    await screen.findByText(text);
    expect(list).toHaveBeenCalledTimes(round + 2);
  }
});

test('a reset fetches the list anew', async () => {
  const { tell, notes } = await openPage([note('1', 'First')]);
  await screen.findByText('First');
  notes.splice(0, 1, note('2', 'Second'));
  tell({ type: 'reset' });
  await screen.findByText('Second');
  expect(screen.queryByText('First')).toBeNull();
});

test.each(['first', 'later'] as const)(
  'a change that overtakes a %s answer of the list is not lost to it',
  async (which) => {
    const late = defer<NotesPage>();
    const notes = [note('1', 'First')];
    const list = vi.fn<() => NotesPage | Promise<NotesPage>>(() => ({ notes: [...notes], nextCursor: null }));
    if (which === 'first') list.mockImplementationOnce(() => late.promise);
    const { tell, start } = await openPage(notes, { 'notes.list': list });
    if (which === 'later') {
      await screen.findByText('First');
      list.mockImplementationOnce(() => late.promise);
      start();
    }
    const calls = which === 'first' ? 1 : 2;
    await waitFor(() => expect(list).toHaveBeenCalledTimes(calls));

    notes.unshift(note('2', 'Second'));
    tell({ type: 'created', note: note('2', 'Second') });
    late.resolve({ notes: [note('1', 'First')], nextCursor: null });
    await waitFor(() => expect(list).toHaveBeenCalledTimes(calls + 1));
    await waitFor(() => expect(shown()).toEqual(['Second', 'First']));
  },
);

test('the list is fetched when the stream stands, once, or when there is none to wait for', async () => {
  for (const how of ['start', 'fail'] as const) {
    const { listeners, list } = await openPage([note('1', 'First')], {}, { isHeldBack: true });
    expect(list).not.toHaveBeenCalled();
    act(() => {
      for (const listener of listeners) {
        if (how === 'start') listener.start();
        else listener.fail(refusal('role_required'));
      }
    });
    await screen.findByText('First');
    expect(list).toHaveBeenCalledTimes(1);
    cleanup();
  }
});

test('a stream that is held back keeps nobody waiting, and what it missed is fetched when it starts', async () => {
  const notes = [note('1', 'First')];
  const { start, list } = await openPage(notes, {}, { isHeldBack: true });
  expect(await screen.findByText('First', {}, { timeout: 5_000 })).toBeDefined();
  notes.unshift(note('2', 'Second'));
  start();
  await screen.findByText('Second');
  expect(list).toHaveBeenCalledTimes(2);
});

test('a page that is left listens no more', async () => {
  const { auth, listeners } = await openPage([]);
  act(() => auth.set({ status: 'anonymous', offline: false, ended: { reason: 'signed_out' } }));
  await waitFor(() => expect(listeners.size).toBe(0));
});

test('another user’s page listens for itself', async () => {
  const { auth, listeners } = await openPage([]);
  const before = Array.from(listeners);
  act(() =>
    auth.set({ status: 'authenticated', offline: false, user: { ...ada, id: 'user-grace', username: 'grace' } }),
  );
  await waitFor(() => expect(listeners.size).toBe(1));
  expect(Array.from(listeners)).not.toEqual(before);
});
