import {
  keepPreviousData,
  onlineManager,
  useInfiniteQuery,
  useQueries,
  useQuery,
  useQueryClient,
  useSuspenseQuery,
} from '@tanstack/react-query';
import { act } from '@testing-library/react';
import { useAuth } from 'latchkey/react';
import { memo, type ReactNode, Suspense, useState } from 'react';
import { expect } from 'vitest';
import { KEY, LONG, list, type PageState, pass, show, shown, staysMounted } from './query-page.tsx';

/** All that a query can be at the moment at which its user leaves. */
export const QUERY_STATES: PageState[] = [
  {
    name: 'a query that is shown',
    isFetchedAgain: true,
    async reach(page) {
      await show(
        page,
        staysMounted(() => <p>{String(useQuery({ queryKey: KEY, queryFn: list(page.client) }).data)}</p>),
      );
      expect(shown()).toBe('ada');
    },
  },
  {
    name: 'a query that is fetched for the first time',
    isFetchedAgain: true,
    async reach(page) {
      page.tab.network.next('hold', 'notes.list');
      await show(
        page,
        staysMounted(() => <p>{String(useQuery({ queryKey: KEY, queryFn: list(page.client) }).data)}</p>),
      );
    },
  },
  {
    name: 'a query that is fetched anew',
    isFetchedAgain: true,
    async reach(page) {
      await show(
        page,
        staysMounted(() => <p>{String(useQuery({ queryKey: KEY, queryFn: list(page.client) }).data)}</p>),
      );
      page.tab.network.next('hold', 'notes.list');
      void page.queryClient.invalidateQueries();
      await pass();
      expect(shown()).toBe('ada');
    },
  },
  {
    name: 'a query of another source than the link, which cannot be aborted',
    isFetchedAgain: true,
    async reach(page) {
      const answers: (() => void)[] = [];
      const queryFn = (): Promise<string | null> => {
        const state = page.tab.auth.getState();
        const asker = state.status === 'authenticated' ? state.user.username : 'nobody';
        if (asker !== 'ada') return Promise.resolve(asker);
        return new Promise((resolve) => answers.push(() => resolve(asker)));
      };
      page.tab.auth.onIdentityChange(() => {
        for (const answer of answers) answer();
      });
      await show(
        page,
        staysMounted(() => <p>{useQuery({ queryKey: KEY, queryFn }).data}</p>),
      );
    },
  },
  {
    name: 'a query that waits to be retried',
    isFetchedAgain: true,
    async reach(page) {
      page.tab.network.next('lose request', 'notes.list');
      await show(
        page,
        staysMounted(() => <p>{String(useQuery({ queryKey: KEY, queryFn: list(page.client) }).data)}</p>),
      );
      expect(page.queryClient.getQueryState(KEY)).toMatchObject({ fetchStatus: 'fetching', fetchFailureCount: 1 });
    },
  },
  {
    name: 'a query that has failed',
    isFetchedAgain: true,
    async reach(page) {
      page.tab.network.next('lose request', 'notes.list');
      await show(
        page,
        staysMounted(() => {
          const { data, error } = useQuery({ queryKey: KEY, queryFn: list(page.client), retry: false });
          return <p>{error === null ? String(data) : 'ada has an error'}</p>;
        }),
      );
      expect(shown()).toBe('ada has an error');
    },
  },
  {
    name: 'a query that waits for the network',
    isFetchedAgain: true,
    async reach(page) {
      onlineManager.setOnline(false);
      await show(
        page,
        staysMounted(() => {
          const { data } = useQuery({ queryKey: KEY, queryFn: list(page.client), networkMode: 'online' });
          return <p>{String(data)}</p>;
        }),
      );
      expect(page.queryClient.getQueryState(KEY)?.fetchStatus).toBe('paused');
    },
  },
  {
    name: 'a query that is fetched again and again',
    isFetchedAgain: true,
    async reach(page) {
      await show(
        page,
        staysMounted(() => {
          const { data } = useQuery({ queryKey: KEY, queryFn: list(page.client), refetchInterval: 1_000 });
          return <p>{String(data)}</p>;
        }),
      );
    },
  },
  {
    name: 'an infinite query that is about to have a third page',
    isFetchedAgain: true,
    async reach(page) {
      let more: () => Promise<unknown> = () => Promise.resolve();
      await show(
        page,
        staysMounted(() => {
          const { data, fetchNextPage } = useInfiniteQuery({
            queryKey: KEY,
            queryFn: list(page.client),
            initialPageParam: 0,
            getNextPageParam: (_last, pages) => pages.length,
          });
          more = fetchNextPage;
          return <p>{data?.pages.join()}</p>;
        }),
      );
      void more();
      await pass();
      expect(shown()).toBe('ada,ada');
      page.tab.network.next('hold', 'notes.list');
      void more();
      await pass();
    },
  },
  {
    name: 'a query that is shown in the place of the next one',
    isFetchedAgain: true,
    async reach(page) {
      let turn: () => void = () => undefined;
      await show(
        page,
        staysMounted(() => {
          const [number, setNumber] = useState(1);
          turn = () => setNumber(2);
          const queryKey = [...KEY, number];
          const { data } = useQuery({ queryKey, queryFn: list(page.client), placeholderData: keepPreviousData });
          return <p>{String(data)}</p>;
        }),
      );
      page.tab.network.next('hold', 'notes.list');
      act(() => turn());
      await pass();
      expect(shown()).toBe('ada');
    },
  },
  {
    name: 'a query that began with what another one knew, and shows a part of it',
    isFetchedAgain: true,
    async reach(page) {
      page.queryClient.setQueryData(['seen'], { name: 'ada' });
      await show(
        page,
        staysMounted(() => {
          const queryClient = useQueryClient();
          const { data } = useQuery({
            queryKey: KEY,
            queryFn: async (context) => ({ name: await list(page.client)(context) }),
            initialData: () => queryClient.getQueryData<{ name: unknown }>(['seen']),
            select: ({ name }) => name,
            staleTime: LONG * 10,
          });
          return <p>{String(data)}</p>;
        }),
      );
      expect(shown()).toBe('ada');
    },
  },
  {
    name: 'several queries at once',
    isFetchedAgain: true,
    async reach(page) {
      await show(
        page,
        staysMounted(() => {
          const both = useQueries({
            queries: ['a', 'b'].map((which) => ({ queryKey: [...KEY, which], queryFn: list(page.client) })),
            combine: (results) => results.map(({ data }) => String(data)).join(),
          });
          return <p>{both}</p>;
        }),
      );
      expect(shown()).toBe('ada,ada');
    },
  },
  {
    name: 'a query that suspends its reader, and has been shown',
    isFetchedAgain: true,
    async reach(page) {
      const List = memo(() => <p>{String(useSuspenseQuery({ queryKey: KEY, queryFn: list(page.client) }).data)}</p>);
      await show(
        page,
        <Suspense fallback="waiting">
          <List />
        </Suspense>,
      );
      expect(shown()).toBe('ada');
    },
  },
  {
    name: 'a query for which its reader is suspended',
    isFetchedAgain: true,
    async reach(page) {
      page.tab.network.next('hold', 'notes.list');
      const List = memo(() => <p>{String(useSuspenseQuery({ queryKey: KEY, queryFn: list(page.client) }).data)}</p>);
      const ForMembers = (): ReactNode => useAuth().status === 'authenticated' && <List />;
      await show(
        page,
        <Suspense fallback="waiting">
          <ForMembers />
        </Suspense>,
      );
      expect(shown()).toBe('waiting');
    },
  },
  {
    name: 'a query that is disabled',
    isFetchedAgain: false,
    async reach(page) {
      await show(
        page,
        staysMounted(() => {
          const { data } = useQuery({ queryKey: KEY, queryFn: list(page.client), enabled: false });
          return <p>{String(data)}</p>;
        }),
      );
      act(() => void page.queryClient.setQueryData(KEY, 'ada'));
      await pass();
      expect(shown()).toBe('ada');
    },
  },
  {
    name: 'a query that nobody shows',
    isFetchedAgain: false,
    async reach(page) {
      page.queryClient.setQueryData(KEY, 'ada');
      await show(page, null);
    },
  },
  {
    name: 'a query that is fetched ahead',
    isFetchedAgain: false,
    async reach(page) {
      page.tab.network.next('hold', 'notes.list');
      page.queryClient.query({ queryKey: KEY, queryFn: list(page.client) }).catch(() => undefined);
      await show(page, null);
    },
  },
];
