import { type TrackedEnvelope, tracked } from '@trpc/server';
import type { NoteChange } from '#shared/notes.ts';
import type { NoteSignals } from './note-signals.ts';
import type { NoteDatabase } from './note-tables.ts';
import { toNote } from './notes.ts';

export interface NoteChanges {
  /**
   * Where a listener starts: behind the event it saw last, or at this moment. `isGap` when what followed that event is no longer kept, or
   * the id is none of ours: then it has to fetch all anew.
   */
  start(userId: string, lastEventId: string | undefined): Promise<{ after: number; isGap: boolean }>;
  /** Every change from there on, in order, each with its id, until the signal aborts. */
  follow(
    userId: string,
    from: { after: number; isGap: boolean },
    signal: AbortSignal | undefined,
  ): AsyncGenerator<TrackedEnvelope<NoteChange>, void, undefined>;
}

const PAGE = 100;

export const createNoteChanges = ({
  database,
  signals,
}: {
  database: NoteDatabase;
  signals: NoteSignals;
}): NoteChanges => {
  const lastChange = async (userId: string): Promise<number> => {
    const row = await database
      .selectFrom('note_counters')
      .select('last_change')
      .where('user_id', '=', userId)
      .executeTakeFirst();
    return row?.last_change ?? 0;
  };

  const oldestKept = async (userId: string): Promise<number | undefined> => {
    const row = await database
      .selectFrom('note_changes')
      .select('change')
      .where('user_id', '=', userId)
      .orderBy('change')
      .limit(1)
      .executeTakeFirst();
    return row?.change;
  };

  const readAfter = (userId: string, after: number) =>
    database
      .selectFrom('note_changes as c')
      .leftJoin('notes as n', (join) => join.onRef('n.user_id', '=', 'c.user_id').onRef('n.id', '=', 'c.note_id'))
      .select(['c.change', 'c.kind', 'c.note_id', 'n.text', 'n.created_at'])
      .where('c.user_id', '=', userId)
      .where('c.change', '>', after)
      .orderBy('c.change')
      .limit(PAGE)
      .execute();

  return {
    start: async (userId, lastEventId) => {
      const last = await lastChange(userId);
      if (lastEventId === undefined) return { after: last, isGap: false };
      const seen = /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : undefined;
      if (seen === undefined || seen > last) return { after: last, isGap: true };
      const oldest = (await oldestKept(userId)) ?? last + 1;
      return seen === last || seen >= oldest - 1 ? { after: seen, isGap: false } : { after: last, isGap: true };
    },

    follow: async function* (userId, { after, isGap }, signal) {
      // Before the first read, so that nothing falls between a read and the wait.
      const listener = signals.listen(userId);
      try {
        if (isGap) yield tracked(String(after), { type: 'reset' });
        let position = after;
        while (!signal?.aborted) {
          const rows = await readAfter(userId, position);
          for (const { change, kind, note_id: id, text, created_at: createdAt } of rows) {
            position = change;
            if (kind === 'deleted') yield tracked(String(change), { type: 'deleted', id });
            // A note that has gone since is not shown again: its deletion follows.
            else if (text !== null && createdAt !== null) {
              yield tracked(String(change), { type: 'created', note: toNote({ id, text, created_at: createdAt }) });
            }
          }
          if (rows.length < PAGE) await listener.changed(signal);
        }
      } finally {
        listener.close();
      }
    },
  };
};
