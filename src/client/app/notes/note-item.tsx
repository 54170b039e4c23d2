import type { Note } from '#shared/notes.ts';
import { TrashIcon } from '../ui/icons.tsx';
import { When } from '../ui/when.tsx';

interface NoteItemProps {
  note: Note;
  now: number;
  onDelete: () => void;
}

const NAME_MAX = 80;

const shortened = (text: string): string => {
  const characters = [...text];
  return characters.length <= NAME_MAX ? text : `${characters.slice(0, NAME_MAX).join('').trimEnd()}…`;
};

export const NoteItem = ({ note, now, onDelete }: NoteItemProps) => (
  <li className="flex items-start gap-4 py-4">
    <div className="min-w-0 flex-1">
      <p className="wrap-anywhere whitespace-pre-wrap">{note.text}</p>
      <p className="mt-1 text-sm text-muted">
        <When at={note.createdAt} now={now} />
      </p>
    </div>
    {/* Its name is its title, so that nothing but the field is labelled "New note", whatever a note says. */}
    <button
      type="button"
      title={`Delete note: ${shortened(note.text)}`}
      onClick={onDelete}
      className="-mt-2.5 -mr-3 grid size-11 shrink-0 cursor-pointer place-items-center rounded-full text-muted transition-colors hover:bg-danger-soft hover:text-danger"
    >
      <TrashIcon className="size-5" />
    </button>
  </li>
);
