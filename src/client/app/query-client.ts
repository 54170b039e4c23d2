import { QueryClient } from '@tanstack/react-query';
import { type AuthClient, leaveUser, queryDefaults } from 'latchkey/client';

/**
 * The cache of one page. Another user sees nothing that was fetched for the last, and nothing of theirs is sent as
 * another.
 */
export const createQueryClient = (auth: Pick<AuthClient, 'getState' | 'onIdentityChange'>): QueryClient => {
  const { defaultOptions } = queryDefaults(auth);
  const queries = { ...defaultOptions.queries, staleTime: 5_000 };
  const queryClient = new QueryClient({ defaultOptions: { ...defaultOptions, queries } });
  // Not in an effect: the cache is empty before anything is rendered for the next user.
  auth.onIdentityChange(() => leaveUser(queryClient));
  return queryClient;
};
