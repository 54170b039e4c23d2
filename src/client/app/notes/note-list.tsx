import { useRef } from 'react';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';
import { explain } from '../words/explain.ts';
import { NoNotes } from './no-notes.tsx';
import { NoteItem } from './note-item.tsx';
import { allNotes } from './note-pages.ts';
import { NotesSkeleton } from './notes-skeleton.tsx';
import { useDeleteNote } from './use-delete-note.ts';
import { useLiveNotes } from './use-live-notes.ts';
import { useNotes } from './use-notes.ts';

export const NoteList = () => {
  const { data, error, refetch, isFetching, dataUpdatedAt, hasNextPage, fetchNextPage, isFetchingNextPage } = useNotes({
    enabled: useLiveNotes(),
  });
  const deleteNote = useDeleteNote();
  const list = useRef<HTMLUListElement>(null);

  const remove = (id: string, index: number): void => {
    deleteNote.mutate({ id });
    // The button that had the focus goes with its note.
    const buttons = list.current?.querySelectorAll('button');
    (buttons?.[index + 1] ?? buttons?.[index - 1] ?? list.current)?.focus();
  };

  const refusal = deleteNote.error ?? error;
  const notes = data ? allNotes(data) : [];

  return (
    <div className="mt-8 grid gap-4">
      {refusal !== null && (
        <Alert
          refusal={explain(refusal)}
          action={
            error !== null && (
              <Button pending={isFetching} onClick={() => void refetch()}>
                Try again
              </Button>
            )
          }
        />
      )}
      {data === undefined && error === null && <NotesSkeleton />}
      {data !== undefined && notes.length === 0 && <NoNotes />}
      {notes.length > 0 && (
        // oxlint-disable-next-line jsx-a11y/no-redundant-roles -- Safari drops the role of a list without bullets
        <ul ref={list} role="list" tabIndex={-1} className="divide-y divide-line border-y border-line">
          {notes.map((note, index) => (
            <NoteItem key={note.id} note={note} now={dataUpdatedAt} onDelete={() => remove(note.id, index)} />
          ))}
        </ul>
      )}
      {hasNextPage && (
        <Button className="mx-auto mt-2" pending={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Load more
        </Button>
      )}
    </div>
  );
};
