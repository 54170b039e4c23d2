import { QueryClient } from '@tanstack/react-query';
import { type AuthClient, retryUnlessRefused } from '#client/auth/index.ts';

/**
 * The cache of one page, emptied whenever its user changes: another one must see nothing that was fetched for the last.
 *
 * `always`: a call that is made offline fails at once with words that say so, in place of waiting unseen. What was read
 * is fetched anew when the connection is back.
 */
export const createQueryClient = (auth: Pick<AuthClient, 'onIdentityChange'>): QueryClient => {
  const queryClient = new QueryClient({
    defaultOptions: {
      queries: { retry: retryUnlessRefused, networkMode: 'always', staleTime: 5_000 },
      mutations: { retry: false, networkMode: 'always' },
    },
  });
  // Not in an effect: the cache is empty before anything is rendered for the next user.
  auth.onIdentityChange(() => queryClient.clear());
  return queryClient;
};
