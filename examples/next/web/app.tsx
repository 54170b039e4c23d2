import { AuthProvider, useAuth } from 'latchkey/react';
import type { User } from 'latchkey/shared';
import { AuthForm } from './auth-form.tsx';
import type { Clients } from './clients.ts';
import { Home } from './home.tsx';

interface RenderedFor {
  /** Whom the server rendered the page for, or null. */
  rendered: User | null;
}

const Session = ({ trpc, rendered }: Pick<Clients, 'trpc'> & RenderedFor) => {
  const session = useAuth();
  // Until the browser knows, it shows whom the server knew: the same elements, so that hydration meets them.
  const known = session.status === 'restoring' ? rendered : null;
  const user = session.status === 'authenticated' ? session.user : known;
  if (user === null) return <AuthForm />;
  return <Home key={user.id} trpc={trpc} user={user} onSignOut={session.signOut} />;
};

export const App = ({ clients: { auth, trpc }, rendered }: { clients: Clients } & RenderedFor) => (
  <main>
    <AuthProvider auth={auth}>
      <Session trpc={trpc} rendered={rendered} />
    </AuthProvider>
  </main>
);
