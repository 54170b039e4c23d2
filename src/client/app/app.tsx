import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import type { AuthClient } from 'latchkey/client';
import { AuthProvider } from 'latchkey/react';
import { useRef } from 'react';
import type { AppRouterInstance } from './router.tsx';
import { trpc } from './trpc.ts';
import { ShownHeading } from './ui/page.tsx';

export interface AppProps {
  auth: AuthClient;
  router: AppRouterInstance;
  queryClient: QueryClient;
  trpcClient: ReturnType<typeof trpc.createClient>;
}

export const App = ({ auth, router, queryClient, trpcClient }: AppProps) => {
  const shownHeading = useRef<HTMLElement | null>(null);

  return (
    <AuthProvider auth={auth}>
      <trpc.Provider client={trpcClient} queryClient={queryClient}>
        <QueryClientProvider client={queryClient}>
          <ShownHeading value={shownHeading}>
            <RouterProvider router={router} />
          </ShownHeading>
        </QueryClientProvider>
      </trpc.Provider>
    </AuthProvider>
  );
};
