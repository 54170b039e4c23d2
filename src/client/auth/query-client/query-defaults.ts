import type { AuthClient } from '../auth-client.ts';
import { retryUnlessRefused } from '../retry.ts';

/**
 * Under which `leaveUser` finds out whether anybody is signed in. Registered, since a page may hold two copies of this
 * file.
 */
export const IS_SIGNED_IN = Symbol.for('latchkey.isSignedIn');

interface Queryish {
  state: { status: string };
}

/** By its shape a `QueryClientConfig` of TanStack Query 5, whose types an app without it does not have. */
export interface QueryDefaults {
  defaultOptions: {
    queries: {
      retry: (failureCount: number, error: unknown) => boolean;
      networkMode: 'always';
      refetchOnReconnect: true;
    };
    mutations: { retry: false; networkMode: 'always' };
    dehydrate: { shouldDehydrateQuery: (query: Queryish) => boolean; shouldDehydrateMutation: () => false };
    [IS_SIGNED_IN]: () => boolean;
  };
}

/**
 * Returns the configuration of a query client. Spread options of your own into `defaultOptions` and what is below it.
 *
 * - A query is retried three times when the network or the server fails, and never after a refusal. A mutation is
 *   not: it may have been carried out.
 * - A call that is made offline fails at once with words that say so, in place of waiting unseen, and perhaps for
 *   another user. What is shown is fetched anew when the connection is back.
 * - What a user has fetched and what they meant to change is not written down by `dehydrate` and the persisters that
 *   use it: the next person to open the page may be somebody else.
 *
 * @example
 * const queryClient = new QueryClient(queryDefaults(auth));
 * auth.onIdentityChange(() => leaveUser(queryClient));
 */
export const queryDefaults = (auth: Pick<AuthClient, 'getState'>): QueryDefaults => {
  const isSignedIn = (): boolean => auth.getState().status === 'authenticated';
  return {
    defaultOptions: {
      queries: { retry: retryUnlessRefused, networkMode: 'always', refetchOnReconnect: true },
      mutations: { retry: false, networkMode: 'always' },
      dehydrate: {
        shouldDehydrateQuery: ({ state }) => state.status === 'success' && !isSignedIn(),
        shouldDehydrateMutation: () => false,
      },
      [IS_SIGNED_IN]: isSignedIn,
    },
  };
};
