import { listen } from '../internal/listen.ts';
import { dropMutation, type MutationLike } from './drop-mutation.ts';
import { IS_SIGNED_IN } from './query-defaults.ts';

/*
 * As much of TanStack Query 5 as is needed, by its shape: an app without it compiles, and has nothing of it in its
 * bundle.
 */
interface QueryLike {
  observers: readonly unknown[];
  options: object;
  isActive(): boolean;
  cancel(options: { silent: boolean }): Promise<void>;
  setState(state: object): void;
  setOptions(options: object): void;
  fetch(options: object): Promise<unknown>;
}

interface QueryCacheLike {
  getAll(): QueryLike[];
  remove(query: QueryLike): void;
}

export interface QueryClientLike {
  getDefaultOptions(): object;
  getQueryCache(): QueryCacheLike;
  getMutationCache(): { getAll(): MutationLike[]; clear(): void };
  refetchQueries(filters: { type: 'active' }): Promise<void>;
}

const EMPTY = {
  data: undefined,
  dataUpdateCount: 0,
  dataUpdatedAt: 0,
  error: null,
  errorUpdateCount: 0,
  errorUpdatedAt: 0,
  fetchFailureCount: 0,
  fetchFailureReason: null,
  fetchMeta: null,
  isInvalidated: false,
  status: 'pending',
  fetchStatus: 'idle',
} as const;

const isAnswerable = (value: unknown): value is () => unknown => typeof value === 'function';

/** Whether somebody is signed in now. Taken for granted of a query client that was not made with `queryDefaults`. */
const isSignedIn = (queryClient: QueryClientLike): boolean => {
  const options = queryClient.getDefaultOptions();
  const ask = IS_SIGNED_IN in options ? options[IS_SIGNED_IN] : undefined;
  return !isAnswerable(ask) || ask() === true;
};

/**
 * Ends what is under way, and forgets what is known, also what the query began with and would go back to at a reset.
 */
const empty = (query: QueryLike): void => {
  void query.cancel({ silent: true });
  Object.defineProperty(query, 'resetState', { value: EMPTY, configurable: true });
  // Not pending yet: an observer that shows a placeholder keeps it for as long as its query is.
  query.setState({ ...EMPTY, status: 'error' });
};

/**
 * Lets a query that is shown wait, as one that is being fetched, until the next user comes, or until nobody shows it.
 * It is not fetched as nobody, by whatever: a window that is focused, an interval, a component that suspends.
 */
const hold = (cache: QueryCacheLike, query: QueryLike): void => {
  const { options } = query;
  const wait = ({ signal }: { signal: AbortSignal }): Promise<never> => {
    // Who asks for it next, when all who showed it are gone, asks anew.
    listen([signal], ['abort'], () => {
      if (query.observers.length === 0) cache.remove(query);
    });
    return new Promise(() => undefined);
  };
  const waiting = query.fetch({ ...options, queryFn: wait, persister: undefined, networkMode: 'always' });
  waiting.catch(() => undefined);
  query.setOptions(options);
};

/**
 * Leaves the page's last user behind, in a query client that has `queryDefaults(auth)`.
 *
 * Queries are cancelled and forgotten, and a component that shows one shows nothing. With somebody signed in, what is
 * shown is fetched as them; with nobody, it waits for somebody. Mutations are dropped, wherever they are: none is sent
 * again, and none touches the caches any more. To clear the caches is not enough: components go on showing what they
 * have heard, a mutation that waits for its next attempt is sent as the next user, and an optimistic one puts its old
 * list back.
 *
 * @example
 * auth.onIdentityChange(() => leaveUser(queryClient));
 */
export const leaveUser = (queryClient: QueryClientLike): void => {
  const mutationCache = queryClient.getMutationCache();
  const mutations = mutationCache.getAll();
  mutationCache.clear();
  for (const mutation of mutations) dropMutation(mutation);

  const cache = queryClient.getQueryCache();
  const queries = cache.getAll();
  for (const query of queries) empty(query);
  // Once all are empty: one that is shown in the place of another is looked for in that one.
  for (const query of queries) query.setState(EMPTY);
  for (const query of queries) if (query.observers.length === 0) cache.remove(query);

  if (isSignedIn(queryClient)) void queryClient.refetchQueries({ type: 'active' });
  else for (const query of queries) if (query.isActive()) hold(cache, query);
};
