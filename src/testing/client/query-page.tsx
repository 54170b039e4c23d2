import { onlineManager, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, cleanup, render } from '@testing-library/react';
import { createTRPCUntypedClient, type TRPCUntypedClient } from '@trpc/client';
import type { AnyRouter } from '@trpc/server';
import { leaveUser, queryDefaults } from 'latchkey/client';
import { AuthProvider } from 'latchkey/react';
import { memo, type ReactElement, type ReactNode } from 'react';
import { afterEach, beforeEach, expect, vi } from 'vitest';
import { settle } from '#client/auth/testing/clock.ts';
import { createTestBrowser } from './browser.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
});
afterEach(() => {
  cleanup();
  onlineManager.setOnline(true);
  vi.useRealTimers();
});

/** Longer than any back-off. */
export const LONG = 120_000;

/** Lets time go by, and then whatever takes none: batches and notices go by timers of no length. */
export const pass = (milliseconds = 0): Promise<void> =>
  act(async () => {
    await settle();
    await vi.advanceTimersByTimeAsync(milliseconds);
    for (let turn = 0; turn < 5; turn += 1) {
      await settle();
      await vi.advanceTimersByTimeAsync(1);
    }
    await settle();
  });

/** Ada's page. Whatever is not scripted is answered with the name of the user who asks. */
export const openPage = async () => {
  const browser = createTestBrowser();
  browser.signedInBefore('ada');
  const tab = browser.openTab();
  tab.auth.start();
  await settle();
  const queryClient = new QueryClient(queryDefaults(tab.auth));
  tab.auth.onIdentityChange(() => leaveUser(queryClient));
  queryClient.mount();
  const client = createTRPCUntypedClient<AnyRouter>({ links: tab.auth.links() });
  return { browser, tab, queryClient, client };
};

export type Page = Awaited<ReturnType<typeof openPage>>;

export const show = async ({ tab, queryClient }: Page, children: ReactNode): Promise<void> => {
  render(
    <AuthProvider auth={tab.auth}>
      <QueryClientProvider client={queryClient}>{children}</QueryClientProvider>
    </AuthProvider>,
  );
  await pass();
};

/** React hides what is suspended, and leaves it where it is. */
export const shown = (): string => {
  const page = document.body.cloneNode(true);
  if (page instanceof HTMLElement) for (const hidden of page.querySelectorAll('[style*="none"]')) hidden.remove();
  return page.textContent ?? '';
};

export const list =
  (client: TRPCUntypedClient<AnyRouter>) =>
  ({ signal }: { signal: AbortSignal }): Promise<unknown> =>
    client.query('notes.list', undefined, { signal });

export const create =
  (client: TRPCUntypedClient<AnyRouter>) =>
  (note: { text: string }): Promise<unknown> =>
    client.mutation('notes.create', note);

export const NOTE = { text: 'a note of ada' };
export const KEY = ['notes'];

/** Nothing above it renders it again: it knows of a switch what its observer tells it. */
export const staysMounted = (render: () => ReactElement): ReactElement => {
  const Mounted = memo(render);
  return <Mounted />;
};

export interface PageState {
  name: string;
  /** Whether something of it is fetched again as soon as somebody is signed in. */
  isFetchedAgain: boolean;
  reach: (page: Page) => Promise<void>;
}

export const askedBy = ({ browser, tab }: Page, path: string): (string | undefined)[] =>
  tab.network
    .sent(path)
    .map(({ accessToken }) => (accessToken === undefined ? 'nobody' : browser.server.ownerOf(accessToken)));

/** All that the caches and their observers hold. */
const kept = ({ queryClient }: Page): string =>
  JSON.stringify([
    queryClient
      .getQueryCache()
      .getAll()
      .map(({ state, resetState, observers }) => [
        state,
        resetState,
        observers.map((observer): unknown => observer.getCurrentResult().data),
      ]),
    queryClient
      .getMutationCache()
      .getAll()
      .map(({ state }) => state),
  ]);

/** What happens to a page in the course of time. */
export const stir = async (page: Page): Promise<void> => {
  onlineManager.setOnline(false);
  onlineManager.setOnline(true);
  window.dispatchEvent(new Event('visibilitychange'));
  await act(async () => void page.queryClient.resumePausedMutations());
  await act(async () => void page.queryClient.invalidateQueries());
  await pass(LONG);
};

export const expectNothingOfAda = (page: Page): void => {
  expect(shown()).not.toContain('ada');
  expect(kept(page)).not.toContain('ada');
  expect(page.queryClient.getMutationCache().getAll()).toEqual([]);
};
