import { QueryClient } from '@tanstack/react-query';
import { retryUnlessRefused } from '#client/auth/index.ts';

/**
 * `always`: a call that is made offline fails at once with words that say so, in place of waiting unseen. What was read
 * is fetched anew when the connection is back.
 */
export const createQueryClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      queries: { retry: retryUnlessRefused, networkMode: 'always', staleTime: 5_000 },
      mutations: { retry: false, networkMode: 'always' },
    },
  });
