import type { Selectable, Transaction } from 'kysely';
import type { Note, NotesPage } from '#shared/notes.ts';
import { decodeCursor, encodeCursor } from './note-cursor.ts';
import { CHANGES_KEPT_MS } from './note-purge.ts';
import type { NoteSignals } from './note-signals.ts';
import type { NoteChangeRow, NoteDatabase, NoteRow, NoteTables } from './note-tables.ts';

export interface NotesOptions {
  database: NoteDatabase;
  clock: { now(): number };
  randomId: () => string;
  signals: NoteSignals;
  /** Throws when the user may not write now. Default: everybody may. */
  admitWrite?: (userId: string) => void;
}

/** Each user's own notes. No method reaches another user's. */
export interface Notes {
  /** Newest first, steady while others are added. `'unknown_cursor'` when the cursor was not made for this user. */
  list(userId: string, page: { cursor?: string | undefined; limit: number }): Promise<NotesPage | 'unknown_cursor'>;
  /** Adds a note. When the user has one with this id already, gives that one back as it is. */
  create(userId: string, note: { text: string; id?: string | undefined }): Promise<Note>;
  /** @returns whether there was such a note. */
  delete(userId: string, id: string): Promise<boolean>;
}

export const toNote = ({ id, text, created_at }: Pick<Selectable<NoteRow>, 'id' | 'text' | 'created_at'>): Note => ({
  id,
  text,
  createdAt: new Date(created_at).toISOString(),
});

const SHOWN = ['id', 'text', 'created_at'] as const;

/** Raises the user's counter. The first to do so makes the others wait until the end of its transaction. */
const nextChange = async (transaction: Transaction<NoteTables>, userId: string): Promise<number> => {
  const { last_change } = await transaction
    .insertInto('note_counters')
    .values({ user_id: userId, last_change: 1 })
    .onConflict((conflict) =>
      conflict.column('user_id').doUpdateSet((eb) => ({ last_change: eb('note_counters.last_change', '+', 1) })),
    )
    .returning('last_change')
    .executeTakeFirstOrThrow();
  return last_change;
};

export const createNotes = (options: NotesOptions): Notes => {
  const { database, clock, randomId, signals, admitWrite = () => {} } = options;

  const find = (db: NoteDatabase, userId: string, id: string) =>
    db.selectFrom('notes').select(SHOWN).where('user_id', '=', userId).where('id', '=', id);

  /** Notes down a change, and lets go of those that are older than a day. */
  const recordChange = async (transaction: Transaction<NoteTables>, change: NoteChangeRow): Promise<void> => {
    await transaction.insertInto('note_changes').values(change).execute();
    await transaction
      .deleteFrom('note_changes')
      .where('user_id', '=', change.user_id)
      .where('at', '<', change.at - CHANGES_KEPT_MS)
      .execute();
  };

  return {
    list: async (userId, { cursor, limit }) => {
      const before = cursor === undefined ? undefined : decodeCursor(userId, cursor);
      if (cursor !== undefined && before === undefined) return 'unknown_cursor';

      const rows = await database
        .selectFrom('notes')
        .select([...SHOWN, 'change'])
        .where('user_id', '=', userId)
        .$if(before !== undefined, (query) => query.where('change', '<', before ?? 0))
        .orderBy('change', 'desc')
        // One more than asked for tells whether there is another page.
        .limit(limit + 1)
        .execute();
      const shown = rows.slice(0, limit);
      const last = rows.length > limit ? shown.at(-1) : undefined;
      return {
        notes: shown.map(toNote),
        nextCursor: last === undefined ? null : encodeCursor(userId, last.change),
      };
    },

    create: async (userId, { text, id = randomId() }) => {
      admitWrite(userId);
      const { note, isNew } = await database.transaction().execute(async (transaction) => {
        const change = await nextChange(transaction, userId);
        const row = { user_id: userId, id, change, text, created_at: clock.now() };
        const created = await transaction
          .insertInto('notes')
          .values(row)
          .onConflict((conflict) => conflict.columns(['user_id', 'id']).doNothing())
          .returning(SHOWN)
          .executeTakeFirst();
        if (created === undefined) {
          return { note: toNote(await find(transaction, userId, id).executeTakeFirstOrThrow()), isNew: false };
        }
        await recordChange(transaction, { user_id: userId, change, kind: 'created', note_id: id, at: clock.now() });
        return { note: toNote(created), isNew: true };
      });
      if (isNew) signals.wake(userId);
      return note;
    },

    delete: async (userId, id) => {
      admitWrite(userId);
      const isDeleted = await database.transaction().execute(async (transaction) => {
        // First the counter, in every transaction: two that took it in another order than the note could wait for each
        // other.
        const change = await nextChange(transaction, userId);
        const { numDeletedRows } = await transaction
          .deleteFrom('notes')
          .where('user_id', '=', userId)
          .where('id', '=', id)
          .executeTakeFirst();
        if (numDeletedRows === 0n) return false;
        await recordChange(transaction, { user_id: userId, change, kind: 'deleted', note_id: id, at: clock.now() });
        return true;
      });
      if (isDeleted) signals.wake(userId);
      return isDeleted;
    },
  };
};
