export { listenForNotes } from './listen-for-notes.ts';
export * from './note-changes.ts';
export * from './note-migrations.ts';
export { purgeNoteChanges } from './note-purge.ts';
export * from './note-signals.ts';
export type * from './note-tables.ts';
export { createNoteWriteLimit } from './note-write-limit.ts';
export * from './notes.ts';
export { isOwnerGone } from './owner-gone.ts';
