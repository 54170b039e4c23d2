import type { Kysely } from 'kysely';

export interface NoteTables {
  notes: NoteRow;
  note_counters: NoteCounterRow;
  note_changes: NoteChangeRow;
}

export interface NoteRow {
  user_id: string;
  /** A UUID, made by the client or here. Unique for one user: another's id is none of their business. */
  id: string;
  /** The number of the change that made it: the order in which the user's notes came to be, whatever the clocks say. */
  change: number;
  text: string;
  /** Milliseconds since the epoch. */
  created_at: number;
}

/** Numbers each user's changes, one after the other. Its row is the lock under which they happen. */
export interface NoteCounterRow {
  user_id: string;
  last_change: number;
}

/** What happened to a user's notes, for those who listen. Kept for a day. */
export interface NoteChangeRow {
  user_id: string;
  /** The counter's value: the order of the changes is that of their commits. */
  change: number;
  kind: 'created' | 'deleted';
  note_id: string;
  at: number;
}

export type NoteDatabase = Kysely<NoteTables>;
