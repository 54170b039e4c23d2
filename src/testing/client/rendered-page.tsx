import type { ReactElement } from 'react';
import { createAuthClient } from '#client/auth/index.ts';
import { AuthProvider, useAuth } from '#client/auth/react/index.tsx';

const Who = (): ReactElement => {
  const auth = useAuth();
  return <p>{auth.status === 'authenticated' ? auth.user.username : auth.status}</p>;
};

/** A page as a server renders it and a browser hydrates it, with the client that an app would make beside it. */
export const createPage = (options: Partial<Parameters<typeof createAuthClient>[0]> = {}) => {
  const auth = createAuthClient({ url: '/trpc', ...options });
  const page = (
    <AuthProvider auth={auth}>
      <Who />
    </AuthProvider>
  );
  return { auth, page };
};
