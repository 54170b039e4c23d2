import { trpc } from '../trpc.ts';
import { placeOf, putBack, withoutNote } from './note-pages.ts';
import { NOTES_INPUT } from './use-notes.ts';
import { useRefreshNotes } from './use-refresh-notes.ts';

/** Takes a note away at once, and puts it back where it stood when the server refuses. */
export const useDeleteNote = () => {
  const list = trpc.useUtils().notes.list;
  const refresh = useRefreshNotes();

  return trpc.notes.delete.useMutation({
    onMutate: async ({ id }) => {
      await list.cancel();
      const pages = list.getInfiniteData(NOTES_INPUT);
      list.setInfiniteData(NOTES_INPUT, (current) => current && withoutNote(current, id));
      return { place: pages ? placeOf(pages, id) : null };
    },
    onSuccess: (_answer, { id }) => {
      list.setInfiniteData(NOTES_INPUT, (pages) => pages && withoutNote(pages, id));
    },
    onError: (_error, _input, context) => {
      const place = context?.place;
      if (place) list.setInfiniteData(NOTES_INPUT, (pages) => pages && putBack(pages, place));
    },
    onSettled: () => refresh({ isSettling: true }),
  });
};
