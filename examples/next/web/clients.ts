import { createTRPCClient } from '@trpc/client';
import { createAuthClient } from 'latchkey/client';
import type { AppRouter } from '../server/router.ts';

/** Made once for a page, outside of React. Where the server renders, it starts nothing and knows nobody. */
export const createClients = (url: string) => {
  const auth = createAuthClient({ url });
  return { auth, trpc: createTRPCClient<AppRouter>({ links: auth.links() }) };
};

export type Clients = ReturnType<typeof createClients>;
