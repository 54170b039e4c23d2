import { QueryClient } from '@tanstack/react-query';
import { createTRPCClient } from '@trpc/client';
import { createAuthClient, isOffline, leaveUser, queryDefaults, reasonOf } from 'latchkey/client';
import { AuthProvider, useAuth } from 'latchkey/react';
import superjson from 'superjson';
import type { AppRouter } from './server.js';

export const auth = createAuthClient({ url: '/trpc', transformer: superjson });
export const queryClient = new QueryClient(queryDefaults(auth));
auth.onIdentityChange(() => leaveUser(queryClient));
export const client = createTRPCClient<AppRouter>({ links: auth.links() });
export const greet = (): Promise<string> => client.hello.query();
export const why = (error: unknown): string => (isOffline(error) ? 'offline' : String(reasonOf(error)));

const Who = () => {
  const state = useAuth();
  return <p>{state.status === 'authenticated' ? state.user.username : 'Nobody'}</p>;
};

export const App = () => (
  <AuthProvider auth={auth}>
    <Who />
  </AuthProvider>
);
