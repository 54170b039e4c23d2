import { expect, test } from 'vitest';
import { allNotes, type NotePages, placeOf, putBack, withNote, withoutNote } from './note-pages.ts';

const note = (id: string) => ({ id, text: `Note ${id}`, createdAt: '2026-01-01T00:00:00.000Z' });

const pagesOf = (...pages: string[][]): NotePages<null> => ({
  pages: pages.map((ids) => ({ notes: ids.map(note), nextCursor: null })),
  pageParams: pages.map(() => null),
});

const ids = (pages: NotePages<null>): string =>
  allNotes(pages)
    .map(({ id }) => id)
    .join('');

test('a new note stands first', () => {
  expect(ids(withNote(pagesOf(['c', 'b'], ['a']), note('d')))).toBe('dcba');
});

test('a note that is there is replaced where it stands', () => {
  const pages = withNote(pagesOf(['c', 'b'], ['a']), { ...note('b'), text: 'Changed' });
  expect(ids(pages)).toBe('cba');
  expect(allNotes(pages)[1]?.text).toBe('Changed');
});

test.each(['a', 'b', 'c', 'd'])('note %s is put back where it stood', (id) => {
  const before = pagesOf(['d', 'c'], ['b', 'a']);
  const place = placeOf(before, id);
  if (place === null) throw new Error('The note has no place.');
  expect(ids(putBack(withoutNote(before, id), place))).toBe('dcba');
});

test('a note whose neighbour is gone is put back on top, and one that is there already is not put back twice', () => {
  const before = pagesOf(['c', 'b'], ['a']);
  const place = placeOf(before, 'a');
  if (place === null) throw new Error('The note has no place.');
  expect(ids(putBack(pagesOf(['c']), place))).toBe('ac');
  expect(ids(putBack(before, place))).toBe('cba');
});
