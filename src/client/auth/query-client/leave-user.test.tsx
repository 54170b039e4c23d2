// @vitest-environment happy-dom
import { onlineManager, QueryClient, useQuery } from '@tanstack/react-query';
import { act } from '@testing-library/react';
import { type ReactElement, type ReactNode, useState } from 'react';
import { describe, expect, test, vi } from 'vitest';
import type { TestTab } from '#testing/client/browser.ts';
import { MUTATION_STATES, showForm, TRPC_STATES } from '#testing/client/mutation-states.tsx';
import {
  askedBy,
  expectNothingOfAda,
  KEY,
  LONG,
  list,
  openPage,
  type Page,
  pass,
  show,
  shown,
  staysMounted,
  stir,
} from '#testing/client/query-page.tsx';
import { QUERY_STATES } from '#testing/client/query-states.tsx';
import { isIdentityChanged, leaveUser } from '../index.ts';
import { settle } from '../testing/clock.ts';

interface Switch {
  name: string;
  /** Who is there afterwards. */
  next: 'bob' | null;
  make: (page: Page) => Promise<unknown>;
}

const BOB = { username: 'bob', password: 'battery staple' };

const inAnotherTab = async ({ browser, tab }: Page, act: (other: TestTab) => Promise<unknown>): Promise<void> => {
  const other = browser.openTab();
  other.auth.start();
  await settle();
  await act(other);
  tab.auth.sync();
};

const SWITCHES: Switch[] = [
  { name: 'a sign-out', next: null, make: ({ tab }) => tab.auth.signOut() },
  { name: 'a sign-in as somebody else', next: 'bob', make: ({ tab }) => tab.auth.signIn(BOB) },
  {
    name: 'a sign-out in another tab',
    next: null,
    make: (page) => inAnotherTab(page, ({ auth }) => auth.signOut()),
  },
  {
    name: 'a sign-in as somebody else in another tab',
    next: 'bob',
    make: (page) => inAnotherTab(page, ({ auth }) => auth.signIn(BOB)),
  },
  {
    name: 'the end of the session on the server',
    next: null,
    async make({ browser, client }) {
      browser.server.end(browser.jar.refresh, 'ended_by_user');
      client.query('user.me').catch(() => undefined);
      await pass();
    },
  },
];

const expectBobToBeServed = async (page: Page, isFetchedAgain: boolean): Promise<void> => {
  onlineManager.setOnline(true);
  await pass();
  expectNothingOfAda(page);
  if (isFetchedAgain) expect(shown()).toContain('bob');
  await stir(page);
  expectNothingOfAda(page);
  expect(askedBy(page, 'notes.create')).not.toContain('bob');
};

describe.each(SWITCHES)('$name', ({ next, make }) => {
  test.each([...QUERY_STATES, ...MUTATION_STATES, ...TRPC_STATES])(
    'leaves nothing of $name',
    async ({ isFetchedAgain, reach }) => {
      const page = await openPage();
      await reach(page);
      await act(() => make(page));
      await pass();
      expectNothingOfAda(page);

      if (next === null) {
        await stir(page);
        expectNothingOfAda(page);
        expect([...askedBy(page, 'notes.list'), ...askedBy(page, 'notes.create')]).not.toContain('nobody');
        await act(() => page.tab.auth.signIn(BOB));
      }
      await expectBobToBeServed(page, isFetchedAgain);
    },
  );
});

test.each([
  { name: 'waits to be retried', options: { retry: 2 }, fate: 'lose request' },
  { name: 'is under way', options: {}, fate: 'hold' },
  { name: 'waits for another one', options: { scope: { id: 'notes' } }, fate: 'hold' },
] as const)('awaiting a mutation that $name when it is dropped fails with the reason', async ({ options, fate }) => {
  const page = await openPage();
  page.tab.network.next(fate, 'notes.create');
  const outcomes = await showForm(page, options);
  expect(outcomes).toEqual([]);
  await act(() => page.tab.auth.signIn(BOB));
  await pass(LONG);
  expect(outcomes.map(isIdentityChanged)).toEqual([true, true]);
  expect(askedBy(page, 'notes.create')).toEqual(['ada']);
});

test('of a query that nobody shows not even the key is kept', async () => {
  const page = await openPage();
  page.queryClient.setQueryData(['search', 'of ada'], 'ada');
  await act(() => page.tab.auth.signOut());
  expect(page.queryClient.getQueryCache().getAll()).toEqual([]);
});

test('what waits for somebody is asked for anew when nobody shows it any more', async () => {
  const page = await openPage();
  const News = (): ReactElement => <p>{useQuery({ queryKey: ['news'], queryFn: () => 'news for all' }).data}</p>;
  const Home = (): ReactNode => {
    const [isHome, setIsHome] = useState(true);
    return (
      <>
        <button type="button" aria-label="turn" onClick={() => setIsHome(!isHome)} />
        {isHome && <News />}
      </>
    );
  };
  const turn = async (): Promise<void> => {
    act(() => document.querySelector('button')?.click());
    await pass();
  };
  await show(page, <Home />);
  expect(shown()).toBe('news for all');
  await act(() => page.tab.auth.signOut());
  await pass(LONG);
  expect(shown()).toBe('');
  await turn();
  expect(page.queryClient.getQueryCache().getAll()).toEqual([]);
  await turn();
  expect(shown()).toBe('news for all');
});

test('an app says itself what it shows to everybody', async () => {
  const page = await openPage();
  page.tab.auth.onIdentityChange(() => void page.queryClient.resetQueries({ queryKey: ['news'] }));
  await show(
    page,
    staysMounted(() => <p>{useQuery({ queryKey: ['news'], queryFn: () => 'news for all' }).data}</p>),
  );
  await act(() => page.tab.auth.signOut());
  await pass();
  expect(shown()).toBe('news for all');
});

test('a query client of another configuration is emptied as well', async () => {
  const { browser, tab, client } = await openPage();
  const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  tab.auth.onIdentityChange(() => leaveUser(queryClient));
  const page = { browser, tab, client, queryClient };
  await show(
    page,
    staysMounted(() => <p>{String(useQuery({ queryKey: KEY, queryFn: list(client) }).data)}</p>),
  );
  expect(shown()).toBe('ada');
  await act(() => tab.auth.signIn(BOB));
  await pass();
  expect(shown()).toBe('bob');
});

test('what a reader keeps in a store of its own is not read for nobody', async () => {
  const page = await openPage();
  const persister = vi.fn<() => string>(() => 'ada');
  await show(
    page,
    staysMounted(() => <p>{useQuery({ queryKey: KEY, queryFn: () => 'ada', persister }).data}</p>),
  );
  await act(() => page.tab.auth.signOut());
  await stir(page);
  expect(persister).toHaveBeenCalledTimes(1);
  expect(shown()).toBe('');
});
