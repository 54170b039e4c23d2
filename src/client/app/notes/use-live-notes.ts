import { useQueryClient } from '@tanstack/react-query';
import { getQueryKey } from '@trpc/react-query';
import { useEffect, useState } from 'react';
import { trpc } from '../trpc.ts';
import { withNote, withoutNote } from './note-pages.ts';
import { NOTES_INPUT } from './use-notes.ts';
import { useRefreshNotes } from './use-refresh-notes.ts';

/** A proxy may hold a stream back. The notes do not wait for it. */
const MAX_WAIT_MS = 1_000;

/**
 * Shows what happens to the user's notes elsewhere as it happens. Our own changes come along, and change nothing any
 * more. Returns whether it is time to fetch the list: what happened before the stream stood is in none of its events.
 */
export const useLiveNotes = (): boolean => {
  const list = trpc.useUtils().notes.list;
  const queryClient = useQueryClient();
  const refresh = useRefreshNotes();
  const [isTime, setIsTime] = useState(false);
  const isFetching = (): boolean => queryClient.isFetching({ queryKey: getQueryKey(trpc.notes.list) }) > 0;

  useEffect(() => {
    const timer = setTimeout(() => setIsTime(true), MAX_WAIT_MS);
    return () => clearTimeout(timer);
  }, []);

  trpc.notes.onChange.useSubscription(undefined, {
    onStarted: () => {
      setIsTime(true);
      if (isFetching() || list.getInfiniteData(NOTES_INPUT) !== undefined) refresh();
    },
    onError: () => setIsTime(true),
    onData: ({ data: change }) => {
      if (change.type === 'reset') return refresh();
      list.setInfiniteData(NOTES_INPUT, (pages) => {
        if (pages === undefined) return undefined;
        return change.type === 'created' ? withNote(pages, change.note) : withoutNote(pages, change.id);
      });
      // The answer that is under way may be older than the change, and takes the place of all that is shown.
      if (isFetching()) refresh();
    },
  });
  return isTime;
};
