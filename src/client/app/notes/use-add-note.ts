import { trpc } from '../trpc.ts';
import { withNote, withoutNote } from './note-pages.ts';
import { NOTES_INPUT } from './use-notes.ts';
import { useRefreshNotes } from './use-refresh-notes.ts';

/** Shows a note at once, and takes it away again when the server refuses it. */
export const useAddNote = () => {
  const list = trpc.useUtils().notes.list;
  const refresh = useRefreshNotes();

  return trpc.notes.create.useMutation({
    onMutate: async ({ id, text }) => {
      if (id === undefined) return;
      await list.cancel();
      const note = { id, text, createdAt: new Date().toISOString() };
      list.setInfiniteData(NOTES_INPUT, (pages) => pages && withNote(pages, note));
    },
    onSuccess: (note) => {
      list.setInfiniteData(NOTES_INPUT, (pages) => pages && withNote(pages, note));
    },
    onError: (_error, { id }) => {
      if (id !== undefined) list.setInfiniteData(NOTES_INPUT, (pages) => pages && withoutNote(pages, id));
    },
    onSettled: () => refresh({ isSettling: true }),
  });
};
