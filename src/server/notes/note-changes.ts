import { setImmediate } from 'node:timers/promises';
import { type TrackedEnvelope, tracked } from '@trpc/server';
import type { NoteChange } from '#shared/notes.ts';
import { createNotePages } from './note-pages.ts';
import type { NoteSignals } from './note-signals.ts';
import type { NoteDatabase } from './note-tables.ts';

export interface NoteChanges {
  /**
   * Where a listener starts: behind the event it saw last, or at this moment. `isGap` when what followed that event is no longer kept, or
   * the id is none of ours: then it has to fetch all anew.
   */
  start(userId: string, lastEventId: string | undefined): Promise<{ after: number; isGap: boolean }>;
  /**
   * Every change from there on, in order, each with its id, until the signal aborts. One that falls far behind is told to fetch all
   * anew instead.
   */
  follow(
    userId: string,
    from: { after: number; isGap: boolean },
    signal: AbortSignal | undefined,
  ): AsyncGenerator<TrackedEnvelope<NoteChange>, void, undefined>;
}

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

  const pages = createNotePages({ database, lastChange });

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
      const ofUser = pages.open(userId, listener);
      try {
        if (isGap) yield tracked(String(after), { type: 'reset' });
        let position = after;
        while (!signal?.aborted) {
          const { events, last, version } = await ofUser.after(position);
          for (const event of events) {
            // Each event is some work for tRPC: between two of them, whatever else the process has to do is done.
            await setImmediate();
            yield event;
          }
          position = last;
          if (version === listener.version()) await listener.changed(signal);
        }
      } finally {
        ofUser.close();
        listener.close();
      }
    },
  };
};
