import { useMutation } from '@tanstack/react-query';
import { useAuth } from 'latchkey/react';
import type { SessionSummary } from 'latchkey/shared';
import { trpc } from '../trpc.ts';

/** Ends a session. To end the one in use is to sign out, which also clears what this browser keeps of it. */
export const useEndSession = ({ id, current }: SessionSummary) => {
  const { signOut } = useAuth();
  const utils = trpc.useUtils();

  return useMutation({
    mutationFn: async () => {
      if (current) return signOut();
      await utils.client.sessions.revoke.mutate({ id });
      await utils.sessions.list.invalidate();
    },
  });
};
