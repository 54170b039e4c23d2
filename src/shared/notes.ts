import { hasAtMost } from 'latchkey/shared';
import { z } from 'zod/v4';

const NOTE_TEXT_MAX = 1_000;
export const NOTES_PAGE_DEFAULT = 50;
const NOTES_PAGE_MAX = 100;

/** Length in Unicode code points. The character U+0000 is refused, for Postgres cannot keep it. */
export const noteTextSchema = z
  .string()
  .min(1, 'Write something first.')
  .refine((text) => hasAtMost(text, NOTE_TEXT_MAX), `Use at most ${NOTE_TEXT_MAX} characters.`)
  .refine((text) => !text.includes('\0'), 'Remove the character that cannot be shown.');

/** `id` is made by the client, so that a request which the browser sends twice makes one note. */
export const createNoteInput = z.strictObject({ text: noteTextSchema, id: z.guid().toLowerCase().optional() });

/**
 * `direction` is what the infinite queries of `@trpc/react-query` add by themselves. It says nothing: pages go one way.
 */
export const listNotesInput = z
  .strictObject({
    cursor: z.string().max(100).optional(),
    limit: z.int().min(1).max(NOTES_PAGE_MAX).default(NOTES_PAGE_DEFAULT),
    direction: z.literal('forward').optional(),
  })
  .optional();

/** One that names no note of the caller's is answered with NOT_FOUND, if it could be the id of one. */
export const deleteNoteInput = z.strictObject({
  id: z
    .string()
    .max(100)
    .regex(/^[^\0]*$/)
    .toLowerCase(),
});

/** A note as every answer shows it. `createdAt` is ISO 8601 in UTC. */
export interface Note {
  id: string;
  text: string;
  createdAt: string;
}

/** Newest first. `nextCursor` is null on the last page. */
export interface NotesPage {
  notes: Note[];
  nextCursor: string | null;
}

/**
 * Resumes behind the event that the client saw last. Any text, since any text may come: one that is no id of ours
 * starts anew.
 */
export const onNoteChangeInput = z.strictObject({ lastEventId: z.string().max(100).optional() }).optional();

/** What a listener to one's own notes hears. `reset`: more was missed than is kept, fetch the notes anew. */
export type NoteChange = { type: 'created'; note: Note } | { type: 'deleted'; id: string } | { type: 'reset' };
