import { trpc } from '../trpc.ts';

const PAGE_SIZE = 20;

/** The input under which the list is cached. */
export const NOTES_INPUT = { limit: PAGE_SIZE };

/** The user's notes, page by page, newest first. */
export const useNotes = (options: { enabled: boolean }) =>
  trpc.notes.list.useInfiniteQuery(NOTES_INPUT, { getNextPageParam: ({ nextCursor }) => nextCursor, ...options });
