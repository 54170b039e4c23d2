import { TRPCError } from '@trpc/server';
import { refuse } from 'latchkey/server';
import { isOwnerGone } from '#server/notes/index.ts';
import {
  createNoteInput,
  deleteNoteInput,
  listNotesInput,
  NOTES_PAGE_DEFAULT,
  onNoteChangeInput,
} from '#shared/notes.ts';
import { protectedProcedure, router } from './trpc.ts';

/** Writes a user's own notes, if the user is still there. */
const writingProcedure = protectedProcedure.use(async ({ next }) => {
  const result = await next();
  if (!result.ok && isOwnerGone(result.error.cause)) throw refuse('session_revoked', { cause: 'account_deleted' });
  return result;
});

export const notesRouter = router({
  list: protectedProcedure.input(listNotesInput).query(async ({ ctx: { notes, user }, input }) => {
    const page = await notes.list(user.id, {
      cursor: input?.cursor,
      limit: input?.limit ?? NOTES_PAGE_DEFAULT,
    });
    if (page === 'unknown_cursor') {
      throw new TRPCError({
        code: 'BAD_REQUEST',
        message: 'This cursor is not one of ours. Start from the first page.',
      });
    }
    return page;
  }),

  create: writingProcedure
    .input(createNoteInput)
    .mutation(({ ctx: { notes, user }, input }) => notes.create(user.id, input)),

  delete: writingProcedure.input(deleteNoteInput).mutation(async ({ ctx: { notes, user }, input }) => {
    if (!(await notes.delete(user.id, input.id))) {
      throw new TRPCError({ code: 'NOT_FOUND', message: 'There is no such note.' });
    }
    return { ok: true };
  }),

  // The start is settled before the answer begins, so that a client which fetches the notes once it is connected misses
  // nothing.
  onChange: protectedProcedure
    .input(onNoteChangeInput)
    .subscription(async ({ ctx: { noteChanges, user }, input, signal }) =>
      noteChanges.follow(user.id, await noteChanges.start(user.id, input?.lastEventId), signal),
    ),
});
