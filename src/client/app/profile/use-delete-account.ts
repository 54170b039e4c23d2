import { useMutation } from '@tanstack/react-query';
import { useAuth } from 'latchkey/react';
import { trpc } from '../trpc.ts';

/** Deletes the account, and forgets its session in this browser. */
export const useDeleteAccount = () => {
  const { signOut } = useAuth();
  const { client } = trpc.useUtils();

  return useMutation({
    mutationFn: async (confirm: string) => {
      await client.auth.deleteAccount.mutate({ confirm });
      await signOut();
    },
  });
};

export type DeleteAccount = ReturnType<typeof useDeleteAccount>;
