import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import type { AuthClient } from 'latchkey/client';
import { AuthProvider } from 'latchkey/react';
import { useRef } from 'react';
import { type MailedLinks, noMailedLinks } from './mailed-link/mailed-links.ts';
import { OpenedLinks } from './mailed-link/use-mailed-link.ts';
import type { AppRouterInstance } from './router.tsx';
import { DeletedAccountProvider } from './sign-in/deleted-account.tsx';
import { trpc } from './trpc.ts';
import { ShownHeading } from './ui/page.tsx';

export interface AppProps {
  auth: AuthClient;
  router: AppRouterInstance;
  queryClient: QueryClient;
  trpcClient: ReturnType<typeof trpc.createClient>;
  mailedLinks?: MailedLinks;
}

export const App = ({ auth, router, queryClient, trpcClient, mailedLinks = noMailedLinks }: AppProps) => {
  const shownHeading = useRef<HTMLElement | null>(null);

  return (
    <AuthProvider auth={auth}>
      <trpc.Provider client={trpcClient} queryClient={queryClient}>
        <QueryClientProvider client={queryClient}>
          <ShownHeading value={shownHeading}>
            <OpenedLinks value={mailedLinks}>
              <DeletedAccountProvider auth={auth}>
                <RouterProvider router={router} />
              </DeletedAccountProvider>
            </OpenedLinks>
          </ShownHeading>
        </QueryClientProvider>
      </trpc.Provider>
    </AuthProvider>
  );
};
