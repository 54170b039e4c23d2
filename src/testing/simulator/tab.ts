import { createTRPCUntypedClient, httpLink } from '@trpc/client';
import type { AuthState } from 'latchkey/client';
import { createTestTab, type TestTabParts } from '#client/auth/testing/tab.ts';

/** One tab with the app in it: the real engine, the real link, and a terminating link of tRPC's. */
export const openTab = (id: number, parts: TestTabParts) => {
  const { auth, page, show, connect } = createTestTab(parts);
  const fetch = parts.fetch(page);
  const client = createTRPCUntypedClient({
    links: [
      auth.link(),
      httpLink({
        url: '/api/trpc',
        headers: auth.headers,
        fetch: (url, init) => fetch(url, { ...init, signal: init?.signal ?? null }),
      }),
    ],
  });
  let seen = auth.getState();
  let tellClosed = (): void => undefined;
  const closed = new Promise<undefined>((resolve) => {
    tellClosed = () => resolve(undefined);
  });
  auth.start();

  return {
    id,
    auth,
    client,
    page,
    show,
    connect,
    /** The reasons that the page has heard since this was emptied. */
    heard: new Set<unknown>(),
    closed,
    close(): void {
      page.close();
      tellClosed();
    },
    /** The state, with the one that was seen last. */
    look(): { before: AuthState; now: AuthState } {
      const before = seen;
      seen = auth.getState();
      return { before, now: seen };
    },
  };
};

export type Tab = ReturnType<typeof openTab>;

/** Whom the tab says it is. */
export const userOf = ({ auth }: Tab): string | null => {
  const state = auth.getState();
  return state.status === 'authenticated' ? state.user.username : null;
};
