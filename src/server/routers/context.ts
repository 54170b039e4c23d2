import type { AuthContext } from 'latchkey/server';
import type { NoteChanges, Notes } from '#server/notes/index.ts';

/** What the app's procedures have at hand: the stack's context and the app's own services. */
export interface AppContext extends AuthContext {
  notes: Notes;
  noteChanges: NoteChanges;
}
