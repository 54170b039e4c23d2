import { type TrackedEnvelope, tracked } from '@trpc/server';
import pLimit from 'p-limit';
import type { NoteChange } from '#shared/notes.ts';
import { encodePosition, isSameHistory, type NotePosition } from './note-position.ts';
import type { NoteListener } from './note-signals.ts';
import type { NoteDatabase } from './note-tables.ts';
import { toNote } from './notes.ts';

/** What comes next for a stream that has seen all up to some position. */
export interface NotePage {
  events: readonly TrackedEnvelope<NoteChange>[];
  /** Where its last event leads. */
  last: NotePosition;
  /** The signals' version when it was read: a reader that finds a newer one looks again. */
  version: number;
}

/** The next events of a user, read and made once for all streams of that user. */
export interface NotePages {
  open(
    userId: string,
    listener: Pick<NoteListener, 'version'>,
  ): { after(position: NotePosition): Promise<NotePage>; close(): void };
}

/** A stream that is further behind than so many changes is told to fetch all anew. */
const MAX_BEHIND = 100;
/** So often in all are the changes of one look told to the streams of a user, but each of this many to each. */
const MAX_TOLD = 1000;
const ALWAYS_TOLD = 20;
/** The others of the store's connections are for calls. */
const READS_AT_ONCE = 4;
/** Streams of a user are mostly at the same position, and some just behind it. */
const PAGES_KEPT = 2;

const mostBehind = (streams: number): number =>
  Math.min(MAX_BEHIND, Math.max(ALWAYS_TOLD, Math.floor(MAX_TOLD / streams)));

interface KeptPage {
  version: number;
  reading: Promise<NotePage>;
  hasEvents: boolean;
}

interface Reader {
  streams: number;
  /** Each under the id of the position that it follows. */
  pages: Map<string, KeptPage>;
}

export const createNotePages = ({
  database,
  lastPosition,
}: {
  database: NoteDatabase;
  lastPosition: (userId: string) => Promise<NotePosition>;
}): NotePages => {
  const readers = new Map<string, Reader>();
  const inTurn = pLimit(READS_AT_ONCE);

  const rowsFrom = (userId: string, change: number, limit: number) =>
    database
      .selectFrom('note_changes as c')
      .leftJoin('notes as n', (join) => join.onRef('n.user_id', '=', 'c.user_id').onRef('n.id', '=', 'c.note_id'))
      .select(['c.change', 'c.at', 'c.kind', 'c.note_id', 'n.text', 'n.created_at'])
      .where('c.user_id', '=', userId)
      .where('c.change', '>=', change)
      .orderBy('c.change')
      .limit(limit)
      .execute();

  const resetTo = (last: NotePosition): Omit<NotePage, 'version'> => ({
    events: [tracked(encodePosition(last), { type: 'reset' })],
    last,
  });

  const read = async (userId: string, position: NotePosition, most: number): Promise<Omit<NotePage, 'version'>> => {
    // One more than may be told says that there are too many; another is the change of the position itself.
    const from = await rowsFrom(userId, position.change, most + 2);
    const seen = from.find(({ change }) => change === position.change);
    const rows = from.filter(({ change }) => change !== position.change);
    // After a failover or a restore that lost changes their numbers are given anew: what is kept now is not what was
    // seen.
    if (rows.length > most || !isSameHistory(position, seen)) return resetTo(await lastPosition(userId));
    if (rows.length === 0 && seen === undefined && position.change > 0) {
      const last = await lastPosition(userId);
      if (last.change < position.change) return resetTo(last);
    }
    const events: TrackedEnvelope<NoteChange>[] = [];
    for (const { change, at, kind, note_id: id, text, created_at: createdAt } of rows) {
      const eventId = encodePosition({ change, at });
      if (kind === 'deleted') events.push(tracked(eventId, { type: 'deleted', id }));
      // A note that has gone since is not shown again: its deletion follows.
      else if (text !== null && createdAt !== null) {
        events.push(tracked(eventId, { type: 'created', note: toNote({ id, text, created_at: createdAt }) }));
      }
    }
    const { change, at } = rows.at(-1) ?? position;
    return { events, last: { change, at } };
  };

  const begin = (userId: string, reader: Reader, position: NotePosition, version: number): KeptPage => {
    const key = encodePosition(position);
    const page: KeptPage = {
      version,
      hasEvents: false,
      reading: inTurn(async () => {
        const { events, last } = await read(userId, position, mostBehind(reader.streams));
        page.hasEvents = last.change > position.change;
        return { events, last, version };
      }),
    };
    reader.pages.delete(key);
    reader.pages.set(key, page);
    const [oldest] = reader.pages.keys();
    if (reader.pages.size > PAGES_KEPT && oldest !== undefined) reader.pages.delete(oldest);
    page.reading.catch(() => {
      if (reader.pages.get(key) === page) reader.pages.delete(key);
    });
    return page;
  };

  return {
    open: (userId, listener) => {
      const reader: Reader = readers.get(userId) ?? { streams: 0, pages: new Map() };
      reader.streams += 1;
      readers.set(userId, reader);
      return {
        after: (position) => {
          const version = listener.version();
          const kept = reader.pages.get(encodePosition(position));
          // What follows a position stays what follows it. That nothing does is true until something changes.
          const isGood = kept !== undefined && (kept.hasEvents || kept.version === version);
          return (isGood ? kept : begin(userId, reader, position, version)).reading;
        },
        close: () => {
          reader.streams -= 1;
          if (reader.streams === 0 && readers.get(userId) === reader) readers.delete(userId);
        },
      };
    },
  };
};
