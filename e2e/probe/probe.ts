import { createTRPCClient, httpBatchLink, httpLink } from '@trpc/client';
import { browserEnvironment, createAuthClient } from 'latchkey/client';
import type { AppRouter } from '#server/routers/index.ts';

const url = '/api/trpc';

const clockStands = new URLSearchParams(location.search).has('clock-stands');

const auth = createAuthClient({
  url,
  environment: {
    ...browserEnvironment(),
    // Like a tab in the background: it does not renew its token ahead of time, so that calls meet an expired one.
    isVisible: () => false,
    // After a sleep of the machine some clocks did not go on. The client then takes its token for a fresh one.
    ...(clockStands && { now: () => 0 }),
  },
});

const clients = {
  single: createTRPCClient<AppRouter>({ links: [auth.link<AppRouter>(), httpLink({ url, headers: auth.headers })] }),
  batch: createTRPCClient<AppRouter>({
    links: [auth.link<AppRouter>(), httpBatchLink({ url, headers: auth.headers, maxItems: 20 })],
  }),
};

/** What the tests drive: the client half of the stack in a page without a UI. */
const probe = {
  signUp: auth.signUp,
  /** Asks so many times at once who is signed in. */
  ask: (times: number, transport: keyof typeof clients): Promise<(string | null)[]> =>
    Promise.all(Array.from({ length: times }, async () => (await clients[transport].user.me.query()).username)),
};

declare global {
  interface Window {
    probe: typeof probe;
  }
}

window.probe = probe;
auth.start();
