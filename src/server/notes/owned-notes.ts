import type { Note } from '#shared/notes.ts';
import type { NoteDatabase } from './note-tables.ts';
import { toNote } from './notes.ts';

/** All notes of a person, newest first: for an export. */
export const exportNotes = async (database: NoteDatabase, userId: string): Promise<Note[]> => {
  const rows = await database
    .selectFrom('notes')
    .select(['id', 'text', 'created_at'])
    .where('user_id', '=', userId)
    .orderBy('change', 'desc')
    .execute();
  return rows.map(toNote);
};

/** Removes all that is kept of a person here, in the transaction that deletes the account. */
export const deleteNotes = async (transaction: NoteDatabase, userId: string): Promise<void> => {
  // First the counter, as in every transaction that writes notes.
  for (const table of ['note_counters', 'notes', 'note_changes'] as const) {
    await transaction.deleteFrom(table).where('user_id', '=', userId).execute();
  }
};
