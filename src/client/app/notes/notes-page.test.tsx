// @vitest-environment happy-dom
import { screen, waitFor, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { createNoteInput, type Note, type NotesPage } from '#shared/notes.ts';
import { ada } from '../testing/ada.ts';
import { defer } from '../testing/deferred.ts';
import { failure, refusal } from '../testing/refusal.ts';
import { renderApp } from '../testing/render-app.tsx';
import type { Procedures } from '../testing/scripted-link.ts';

const note = (id: string, text: string): Note => ({ id, text, createdAt: '2026-01-01T00:00:00.000Z' });

/** A server that keeps `notes`. What a test passes takes the place of its procedures. */
const createServer = (notes: Note[], procedures: Procedures = {}) => ({
  notes,
  procedures: { 'notes.list': (): NotesPage => ({ notes: [...notes], nextCursor: null }), ...procedures },
});

const shown = (): string[] =>
  screen.queryAllByRole('listitem').map((item) => item.querySelector('p')?.textContent ?? '');

const add = async ({ person }: Awaited<ReturnType<typeof renderApp>>, text: string): Promise<void> => {
  await person.type(await screen.findByLabelText('New note'), text);
  await person.click(screen.getByRole('button', { name: 'Add' }));
};

test('without notes the page says where to begin', async () => {
  await renderApp('/', { user: ada, ...createServer([]) });
  expect(await screen.findByText('Nothing here yet')).toBeDefined();
});

test('a note is in the list before the server has answered, and stays there', async () => {
  const answer = defer<Note>();
  const create = vi.fn<(input: unknown) => Promise<Note>>(() => answer.promise);
  const server = createServer([note('1', 'First')], { 'notes.create': create });
  const app = await renderApp('/', { user: ada, ...server });
  await screen.findByText('First');

  await add(app, '  Second ');
  await waitFor(() => expect(shown()).toEqual(['Second', 'First']));
  expect(create).toHaveBeenCalledTimes(1);
  expect(createNoteInput.parse(create.mock.calls[0]?.[0])).toMatchObject({ text: 'Second' });
  expect(JSON.stringify(create.mock.calls[0])).toMatch(/"id":"[0-9a-f-]{36}"/);

  const kept = note('2', 'Second');
  server.notes.unshift(kept);
  answer.resolve(kept);
  await waitFor(() => expect(screen.getByRole('button', { name: 'Add' }).getAttribute('aria-busy')).toBeNull());
  expect(shown()).toEqual(['Second', 'First']);
});

test('a note that was refused leaves the list, and its text comes back into the field', async () => {
  const answer = defer<Note>();
  const server = createServer([note('1', 'First')], { 'notes.create': () => answer.promise });
  const app = await renderApp('/', { user: ada, ...server });
  await screen.findByText('First');
  await add(app, 'Second');
  await waitFor(() => expect(shown()).toEqual(['Second', 'First']));

  answer.reject(refusal('unavailable'));
  expect((await screen.findByRole('alert')).textContent).toMatch(/Nothing is lost/);
  expect(shown()).toEqual(['First']);
  expect(screen.getByDisplayValue('Second')).toBe(screen.getByLabelText('New note'));
});

test('a second attempt of the same text carries the same id, so that it cannot make two notes', async () => {
  const create = vi.fn<(input: unknown) => Note>(() => {
    throw refusal('unavailable');
  });
  const app = await renderApp('/', { user: ada, ...createServer([], { 'notes.create': create }) });
  await add(app, 'Once');
  await screen.findByRole('alert');
  await app.person.click(screen.getByRole('button', { name: 'Add' }));
  await waitFor(() => expect(create).toHaveBeenCalledTimes(2));
  expect(create.mock.calls[1]).toEqual(create.mock.calls[0]);
});

test('an empty note is refused at the field', async () => {
  const app = await renderApp('/', { user: ada, ...createServer([]) });
  await add(app, '   ');
  const field = screen.getByLabelText('New note');
  await screen.findByText('Write something first.');
  expect(field.getAttribute('aria-invalid')).toBe('true');
});

test('Enter sends a note, and Shift and Enter begins a line', async () => {
  const create = vi.fn<(input: unknown) => Note>(() => note('1', 'One\ntwo'));
  const { person } = await renderApp('/', { user: ada, ...createServer([], { 'notes.create': create }) });
  await person.type(await screen.findByLabelText('New note'), 'One{Shift>}{Enter}{/Shift}two{Enter}');
  await waitFor(() => expect(create).toHaveBeenCalledWith(expect.objectContaining({ text: 'One\ntwo' })));
});

test('a note is gone before the server has answered, and the focus goes to the next one', async () => {
  const answer = defer<{ ok: true }>();
  const server = createServer([note('2', 'Second'), note('1', 'First')], { 'notes.delete': () => answer.promise });
  const { person } = await renderApp('/', { user: ada, ...server });
  await person.click(await screen.findByRole('button', { name: 'Delete note: Second' }));
  await waitFor(() => expect(shown()).toEqual(['First']));
  expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Delete note: First' }));
});

test('a note that was not deleted comes back where it stood', async () => {
  const answer = defer<{ ok: true }>();
  const server = createServer([note('3', 'Third'), note('2', 'Second'), note('1', 'First')], {
    'notes.delete': () => answer.promise,
  });
  const { person } = await renderApp('/', { user: ada, ...server });
  await person.click(await screen.findByRole('button', { name: 'Delete note: Second' }));
  await waitFor(() => expect(shown()).toEqual(['Third', 'First']));

  answer.reject(refusal('unavailable'));
  await screen.findByRole('alert');
  expect(shown()).toEqual(['Third', 'Second', 'First']);
});

test('a list that did not load says so, and loads at another attempt', async () => {
  const list = vi
    .fn<() => NotesPage>(() => ({ notes: [note('1', 'First')], nextCursor: null }))
    .mockImplementationOnce(() => {
      throw failure('NOT_FOUND');
    });
  const { person } = await renderApp('/', { user: ada, procedures: { 'notes.list': list } });
  const alert = await screen.findByRole('alert');
  await person.click(within(alert).getByRole('button', { name: 'Try again' }));
  await screen.findByText('First');
  expect(screen.queryByRole('alert')).toBeNull();
});

test('more notes are loaded on demand, until there are none', async () => {
  const list = (input: unknown): NotesPage =>
    JSON.stringify(input).includes('"cursor":"more"')
      ? { notes: [note('1', 'First')], nextCursor: null }
      : { notes: [note('2', 'Second')], nextCursor: 'more' };
  const { person } = await renderApp('/', { user: ada, procedures: { 'notes.list': list } });
  await person.click(await screen.findByRole('button', { name: 'Load more' }));
  await waitFor(() => expect(shown()).toEqual(['Second', 'First']));
  expect(screen.queryByRole('button', { name: 'Load more' })).toBeNull();
});

test('another user sees nothing of the notes of the last one', async () => {
  const answers = [Promise.resolve({ notes: [note('1', 'Secret of Ada')], nextCursor: null }), new Promise(() => {})];
  const app = await renderApp('/', { user: ada, procedures: { 'notes.list': () => answers.shift() } });
  await screen.findByText('Secret of Ada');
  app.auth.set({ status: 'authenticated', offline: false, user: { ...ada, id: 'user-grace', username: 'grace' } });
  await screen.findByText('grace');
  expect(screen.queryByText('Secret of Ada')).toBeNull();
  expect(await screen.findByText('Loading your notes')).toBeDefined();
});
