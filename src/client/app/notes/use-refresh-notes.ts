import { useQueryClient } from '@tanstack/react-query';
import { getQueryKey } from '@trpc/react-query';
import { useRef } from 'react';
import { trpc } from '../trpc.ts';

/**
 * Fetches the list anew, once whatever is fetched now has come, which may be older than what the caller knows of. Not
 * while changes are under way, whose optimistic notes it would take away: each fetches anew when it is settled, and the
 * last one counts.
 */
export const useRefreshNotes = (): ((options?: { isSettling?: boolean }) => void) => {
  const list = trpc.useUtils().notes.list;
  const queryClient = useQueryClient();
  const isWaiting = useRef(false);

  const fetchUnderWay = (): Promise<void> | null =>
    queryClient.isFetching({ queryKey: getQueryKey(trpc.notes.list) }) > 0
      ? list.refetch(undefined, undefined, { cancelRefetch: false })
      : null;

  const fetchAnew = async (isSettling: boolean): Promise<void> => {
    const underWay = fetchUnderWay();
    isWaiting.current = true;
    if (underWay !== null) await underWay;
    isWaiting.current = false;
    // A change that settles is still among those that are under way, until it has been waited for.
    const settling = isSettling && underWay === null ? 1 : 0;
    if (queryClient.isMutating({ mutationKey: getQueryKey(trpc.notes) }) <= settling) await list.invalidate();
  };

  return ({ isSettling = false } = {}) => {
    if (!isWaiting.current) void fetchAnew(isSettling);
  };
};
