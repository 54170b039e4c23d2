import { Page } from '../ui/page.tsx';
import { AddNote } from './add-note.tsx';
import { NoteList } from './note-list.tsx';

export const NotesPage = () => (
  <div className="mx-auto max-w-2xl">
    <Page title="Notes">
      <AddNote />
      <NoteList />
    </Page>
  </div>
);
