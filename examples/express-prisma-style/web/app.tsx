import { useAuth } from 'latchkey/react';
import { AuthForm } from './auth-form.tsx';
import { Home } from './home.tsx';

export const App = () => {
  const session = useAuth();
  if (session.status === 'restoring') return <p role="status">One moment…</p>;
  if (session.status === 'anonymous') return <AuthForm />;
  return <Home key={session.user.id} user={session.user} onSignOut={session.signOut} />;
};
