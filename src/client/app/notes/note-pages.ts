import type { InfiniteData } from '@tanstack/react-query';
import type { Note, NotesPage } from '#shared/notes.ts';

/** The pages that are loaded, newest note first. */
export type NotePages<Cursor> = InfiniteData<NotesPage, Cursor>;

/** Where a note stood: the id of the one before it, null for the first of all. */
export interface NotePlace {
  note: Note;
  after: string | null;
}

export const allNotes = <Cursor>(pages: NotePages<Cursor>): Note[] => pages.pages.flatMap(({ notes }) => notes);

const mapNotes = <Cursor>(pages: NotePages<Cursor>, change: (notes: Note[]) => Note[]): NotePages<Cursor> => ({
  ...pages,
  pages: pages.pages.map((page) => ({ ...page, notes: change(page.notes) })),
});

/** Adds a note at the top, or puts it in the place of the one with its id. */
export const withNote = <Cursor>(pages: NotePages<Cursor>, note: Note): NotePages<Cursor> => {
  if (allNotes(pages).some(({ id }) => id === note.id)) {
    return mapNotes(pages, (notes) => notes.map((other) => (other.id === note.id ? note : other)));
  }
  return {
    ...pages,
    pages: pages.pages.map((page, index) => (index === 0 ? { ...page, notes: [note, ...page.notes] } : page)),
  };
};

export const withoutNote = <Cursor>(pages: NotePages<Cursor>, id: string): NotePages<Cursor> =>
  mapNotes(pages, (notes) => notes.filter((note) => note.id !== id));

export const placeOf = <Cursor>(pages: NotePages<Cursor>, id: string): NotePlace | null => {
  const notes = allNotes(pages);
  const index = notes.findIndex((note) => note.id === id);
  const note = notes[index];
  return note === undefined ? null : { note, after: notes[index - 1]?.id ?? null };
};

/** Puts a note back where it stood, or on top when the note before it is gone. One that is there already stays. */
export const putBack = <Cursor>(pages: NotePages<Cursor>, { note, after }: NotePlace): NotePages<Cursor> => {
  const there = new Set(allNotes(pages).map(({ id }) => id));
  if (there.has(note.id)) return pages;
  if (after === null || !there.has(after)) return withNote(pages, note);
  return mapNotes(pages, (notes) => notes.flatMap((other) => (other.id === after ? [other, note] : [other])));
};
