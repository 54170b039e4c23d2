import type { Purge } from 'latchkey/server';
import type { NoteDatabase } from './note-tables.ts';

/** How long a change can be caught up on, in milliseconds. */
export const CHANGES_KEPT_MS = 24 * 60 * 60 * 1000;

/** Changes that nobody catches up on any more, the oldest first. Of those of one millisecond all go together. */
export const purgeNoteChanges =
  (database: NoteDatabase): Purge =>
  async ({ limit, now }) => {
    const keptFrom = now - CHANGES_KEPT_MS;
    const last = await database
      .selectFrom('note_changes')
      .select('at')
      .where('at', '<', keptFrom)
      .orderBy('at')
      .limit(1)
      .offset(limit - 1)
      .executeTakeFirst();
    const { numDeletedRows } = await database
      .deleteFrom('note_changes')
      .where('at', '<', last === undefined ? keptFrom : last.at + 1)
      .executeTakeFirstOrThrow();
    return { purged: Number(numDeletedRows), next: last && 'more' };
  };
