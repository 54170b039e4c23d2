import type { Purge } from '#server/auth/index.ts';
import type { NoteDatabase } from './note-tables.ts';

/** How long a change can be caught up on, in milliseconds. */
export const CHANGES_KEPT = 24 * 60 * 60 * 1000;

/** Changes that nobody catches up on any more, the oldest first. */
export const purgeNoteChanges =
  (database: NoteDatabase): Purge =>
  async ({ limit, now }) => {
    const { numDeletedRows } = await database
      .deleteFrom('note_changes')
      .where(({ eb, refTuple, selectFrom }) =>
        eb(
          refTuple('user_id', 'change'),
          'in',
          selectFrom('note_changes')
            .select(['user_id', 'change'])
            .where('at', '<', now - CHANGES_KEPT)
            .orderBy('at')
            .limit(limit)
            .$asTuple('user_id', 'change'),
        ),
      )
      .executeTakeFirstOrThrow();
    const purged = Number(numDeletedRows);
    return { purged, next: purged < limit ? undefined : 'more' };
  };
