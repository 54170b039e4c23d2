export * from './note-migrations.ts';
export type * from './note-tables.ts';
export * from './notes.ts';
