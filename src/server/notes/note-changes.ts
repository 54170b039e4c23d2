import { setImmediate } from 'node:timers/promises';
import { type TrackedEnvelope, tracked } from '@trpc/server';
import type { NoteChange } from '#shared/notes.ts';
import { createNotePages } from './note-pages.ts';
import { decodePosition, encodePosition, type NotePosition } from './note-position.ts';
import type { NoteSignals } from './note-signals.ts';
import type { NoteDatabase } from './note-tables.ts';

export interface NoteChanges {
  /**
   * Where a listener starts: behind the event it saw last, or at this moment. `isGap` when what followed that event is
   * no longer kept, or the id is none of ours: then it has to fetch all anew.
   */
  start(userId: string, lastEventId: string | undefined): Promise<{ after: NotePosition; isGap: boolean }>;
  /**
   * Every change from there on, in order, each with its id, until the signal aborts. One that falls far behind is told
   * to fetch all anew instead.
   */
  follow(
    userId: string,
    from: { after: NotePosition; isGap: boolean },
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
  const lastPosition = async (userId: string): Promise<NotePosition> => {
    const row = await database
      .selectFrom('note_counters as n')
      .leftJoin('note_changes as c', (join) =>
        join.onRef('c.user_id', '=', 'n.user_id').onRef('c.change', '=', 'n.last_change'),
      )
      .select(['n.last_change', 'c.at'])
      .where('n.user_id', '=', userId)
      .executeTakeFirst();
    return { change: row?.last_change ?? 0, at: row?.at ?? 0 };
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

  const pages = createNotePages({ database, lastPosition });

  return {
    start: async (userId, lastEventId) => {
      const seen = lastEventId === undefined ? undefined : decodePosition(lastEventId);
      // Whether it is still the change that was seen is looked at with those that follow it.
      if (seen?.at) return { after: seen, isGap: false };
      const last = await lastPosition(userId);
      if (lastEventId === undefined) return { after: last, isGap: false };
      if (seen === undefined || seen.change > last.change) return { after: last, isGap: true };
      const oldest = (await oldestKept(userId)) ?? last.change + 1;
      const isKept = seen.change === last.change || seen.change >= oldest - 1;
      return isKept ? { after: seen, isGap: false } : { after: last, isGap: true };
    },

    follow: async function* (userId, { after, isGap }, signal) {
      // Before the first read, so that nothing falls between a read and the wait.
      const listener = signals.listen(userId);
      const ofUser = pages.open(userId, listener);
      try {
        if (isGap) yield tracked(encodePosition(after), { type: 'reset' });
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
