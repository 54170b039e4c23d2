import { type ComponentProps, type KeyboardEvent, type ReactNode, useId } from 'react';
import { FieldMessage, type FieldProblem } from '../ui/field-message.tsx';

interface NoteFieldProps extends ComponentProps<'textarea'> {
  problem: FieldProblem | undefined;
  action: ReactNode;
}

/**
 * Enter sends the note, Shift and Enter begins a line. An Enter that ends the composition of a character does neither.
 */
const sendOnEnter = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
  if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
  event.preventDefault();
  event.currentTarget.form?.requestSubmit();
};

export const NoteField = ({ problem, action, ...textarea }: NoteFieldProps) => {
  const id = useId();

  return (
    <div>
      <label htmlFor={id} className="mb-1.5 block text-[0.9375rem] font-semibold">
        New note
      </label>
      <div className="flex items-end gap-3">
        <textarea
          {...textarea}
          id={id}
          rows={1}
          aria-invalid={problem !== undefined || undefined}
          aria-describedby={problem === undefined ? undefined : `${id}-message`}
          onKeyDown={sendOnEnter}
          className="field-sizing-content max-h-72 min-h-12 w-full min-w-0 flex-1 resize-none rounded-3xl border border-edge bg-surface px-4 py-[0.6875rem] text-base/[1.5] transition-colors hover:border-ink aria-invalid:border-danger"
        />
        {action}
      </div>
      <FieldMessage id={`${id}-message`} problem={problem} hint={undefined} />
    </div>
  );
};
