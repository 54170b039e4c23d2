import { useAuth } from '#client/auth/react.tsx';
import { NotesPage } from '../notes/notes-page.tsx';
import { WelcomePage } from './welcome-page.tsx';

export const HomePage = () => (useAuth().status === 'authenticated' ? <NotesPage /> : <WelcomePage />);
