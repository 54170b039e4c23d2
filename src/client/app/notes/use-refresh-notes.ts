import { useQueryClient } from '@tanstack/react-query';
import { getQueryKey } from '@trpc/react-query';
import { trpc } from '../trpc.ts';

/** Fetches the list anew once the last change is settled: an earlier answer would not know of the changes under way. */
export const useRefreshNotes = (): (() => void) => {
  const list = trpc.useUtils().notes.list;
  const queryClient = useQueryClient();

  return () => {
    if (queryClient.isMutating({ mutationKey: getQueryKey(trpc.notes) }) <= 1) void list.invalidate();
  };
};
