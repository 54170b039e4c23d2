import { useAuth } from 'latchkey/react';
import { NotesPage } from '../notes/notes-page.tsx';
import { WelcomePage } from './welcome-page.tsx';

export const HomePage = () => {
  const auth = useAuth();
  // Another user gets a page of their own: nothing that the last one's held is shown on.
  return auth.status === 'authenticated' ? <NotesPage key={auth.user.id} /> : <WelcomePage />;
};
