import { createTRPCClient } from '@trpc/client';
import { createAuthClient } from 'latchkey/client';
import type { AppRouter } from '#server/routers/index.ts';

// Where the API is, as an app of two hosts has it in its build.
const url = new URLSearchParams(location.search).get('api') ?? '';
const auth = createAuthClient({ url });
const client = createTRPCClient<AppRouter>({ links: auth.links() });

/** A page that holds the client half of the stack and nothing else, beside an API on another host of its site. */
const otherHost = {
  signUp: auth.signUp,
  signOut: auth.signOut,
  /** Who is signed in as far as the page knows, once it knows. */
  settled: async (): Promise<string | null> => (await auth.settled()).user?.username ?? null,
  /** Who is signed in at this moment, as far as the page knows. */
  current: (): string | null => auth.getState().user?.username ?? null,
  /** Who asks, as the server sees it. */
  ask: async (): Promise<string | null> => (await client.user.me.query()).username,
};

declare global {
  interface Window {
    otherHost: typeof otherHost;
  }
}

window.otherHost = otherHost;
auth.start();
