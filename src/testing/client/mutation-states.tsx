import { onlineManager, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { act } from '@testing-library/react';
import { createTRPCReact } from '@trpc/react-query';
import { memo } from 'react';
import { expect } from 'vitest';
import type { AppRouter } from '#server/routers/index.ts';
import {
  create,
  KEY,
  LONG,
  list,
  NOTE,
  type Page,
  type PageState,
  pass,
  show,
  shown,
  staysMounted,
} from './query-page.tsx';

/** A form that writes a note, here twice, over a list that shows it at once and takes it back when it fails. */
export const showForm = async (
  page: Page,
  options: { retry?: number; networkMode?: 'online'; scope?: { id: string } } = {},
  mutationFn: (note: { text: string }) => Promise<unknown> = create(page.client),
) => {
  const outcomes: unknown[] = [];
  let add: () => void = () => undefined;
  await show(
    page,
    staysMounted(() => {
      const queryClient = useQueryClient();
      const notes = useQuery({ queryKey: KEY, queryFn: list(page.client), staleTime: LONG * 10 });
      const mutation = useMutation({
        ...options,
        mutationFn,
        async onMutate({ text }) {
          await queryClient.cancelQueries();
          const before = queryClient.getQueryData(KEY);
          queryClient.setQueryData(KEY, `${String(before)}, ${text}`);
          return { before };
        },
        onSuccess: () => queryClient.setQueryData(KEY, 'ada has written'),
        onError: (_error, _note, context) => queryClient.setQueryData(KEY, context?.before),
        onSettled: () => queryClient.invalidateQueries(),
      });
      add = () => {
        const before = queryClient.getQueryData(KEY);
        const rollBack = () => void queryClient.setQueryData(KEY, before);
        const callbacks = { onError: rollBack, onSuccess: rollBack, onSettled: rollBack };
        // The callbacks of the last one are those that are called.
        for (const options of [{}, callbacks]) {
          mutation.mutateAsync(NOTE, options).then(
            () => outcomes.push('written'),
            (error: unknown) => outcomes.push(error),
          );
        }
      };
      return (
        <p>
          {String(notes.data)} {mutation.status} {mutation.variables?.text} {String(mutation.data)}
        </p>
      );
    }),
  );
  act(() => add());
  await pass();
  return outcomes;
};

/** All that a mutation can be at the moment at which its user leaves. */
export const MUTATION_STATES: PageState[] = [
  {
    name: 'an optimistic mutation that is under way',
    isFetchedAgain: true,
    async reach(page) {
      page.tab.network.next('hold', 'notes.create');
      page.tab.network.next('hold', 'notes.create');
      await showForm(page);
      expect(shown()).toMatch(/^ada, a note of ada, a note of ada pending/);
    },
  },
  {
    name: 'a mutation that reaches the server by another way than the link',
    isFetchedAgain: true,
    async reach(page) {
      const answers: (() => void)[] = [];
      page.tab.auth.onIdentityChange(() => {
        for (const answer of answers) answer();
      });
      await showForm(page, {}, () => new Promise((resolve) => answers.push(() => resolve('ada'))));
    },
  },
  {
    name: 'a mutation that waits to be retried',
    isFetchedAgain: true,
    async reach(page) {
      for (let time = 0; time < 2; time += 1) page.tab.network.next('lose request', 'notes.create');
      await showForm(page, { retry: 5 });
      expect(
        page.queryClient
          .getMutationCache()
          .getAll()
          .map(({ state }) => state.failureCount),
      ).toEqual([1, 1]);
    },
  },
  {
    name: 'a mutation that waits for the network',
    isFetchedAgain: true,
    async reach(page) {
      const before = onlineManager.isOnline();
      expect(before).toBe(true);
      await showForm(page, { networkMode: 'online' }, (note) => create(page.client)(note));
      onlineManager.setOnline(false);
      await showForm(page, { networkMode: 'online' });
      expect(
        page.queryClient
          .getMutationCache()
          .getAll()
          .some(({ state }) => state.isPaused),
      ).toBe(true);
    },
  },
  {
    name: 'a mutation that waits for another one',
    isFetchedAgain: true,
    async reach(page) {
      page.tab.network.next('hold', 'notes.create');
      await showForm(page, { scope: { id: 'notes' } });
      expect(
        page.queryClient
          .getMutationCache()
          .getAll()
          .some(({ state }) => state.isPaused),
      ).toBe(true);
    },
  },
  {
    name: 'a mutation that was kept from an earlier page',
    isFetchedAgain: false,
    async reach(page) {
      page.queryClient.setMutationDefaults(['create'], { mutationFn: create(page.client) });
      page.queryClient.getMutationCache().build(
        page.queryClient,
        { mutationKey: ['create'] },
        {
          status: 'pending',
          isPaused: true,
          variables: NOTE,
          context: undefined,
          data: undefined,
          error: null,
          failureCount: 0,
          failureReason: null,
          submittedAt: 0,
        },
      );
      await show(page, null);
    },
  },
  {
    name: 'a mutation that is done, and whose answer is shown',
    isFetchedAgain: true,
    async reach(page) {
      await showForm(page);
      expect(shown()).toMatch(/success a note of ada ada$/);
    },
  },
  {
    name: 'a mutation that has failed',
    isFetchedAgain: true,
    async reach(page) {
      page.tab.network.next('lose request', 'notes.create');
      page.tab.network.next('lose request', 'notes.create');
      await showForm(page);
      expect(shown()).toMatch(/error a note of ada/);
    },
  },
];

/** As an app of tRPC's writes it. */
export const TRPC_STATES: PageState[] = [
  {
    name: 'a list and an optimistic mutation by the hooks of tRPC, which waits to be retried',
    isFetchedAgain: true,
    async reach(page) {
      const trpc = createTRPCReact<AppRouter>();
      let add: () => void = () => undefined;
      const Notes = memo(() => {
        const list = trpc.useUtils().notes.list;
        const notes = trpc.notes.list.useQuery({ limit: 20 });
        const mutation = trpc.notes.create.useMutation({
          retry: 3,
          async onMutate() {
            await list.cancel();
            return list.getData({ limit: 20 });
          },
          onError: (_error, _note, before) => list.setData({ limit: 20 }, before),
          onSettled: () => list.invalidate(),
        });
        add = () => mutation.mutate({ text: NOTE.text });
        return (
          <p>
            {JSON.stringify(notes.data)} {mutation.status} {mutation.variables?.text}
          </p>
        );
      });
      await show(
        page,
        <trpc.Provider client={trpc.createClient({ links: page.tab.auth.links() })} queryClient={page.queryClient}>
          <Notes />
        </trpc.Provider>,
      );
      page.tab.network.next('lose request', 'notes.create');
      act(() => add());
      await pass();
      expect(shown()).toBe('"ada" pending a note of ada');
    },
  },
];
