import type { OpenReauthentication } from 'latchkey/react/step-up';
import { useId, useRef } from 'react';
import { ConfirmForm } from './confirm-form.tsx';
import { useEscape } from './use-escape.ts';
import { useReturnedFocus } from './use-returned-focus.ts';

/** Closes by its button and by Escape alone: a press beside it loses nothing. */
export const ConfirmDialog = ({ prompt }: { prompt: OpenReauthentication }) => {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useReturnedFocus(dialog);
  useEscape(prompt.cancel);

  return (
    <div className="fixed inset-0 z-50 grid overflow-y-auto bg-[rgb(0_0_0/0.45)] p-4">
      <dialog
        ref={dialog}
        open
        aria-modal="true"
        aria-labelledby={`${id}-title`}
        aria-describedby={`${id}-words`}
        className="static m-auto w-full max-w-md animate-rise rounded-3xl border border-line bg-surface p-6 text-ink shadow-card sm:p-8"
      >
        <h2 id={`${id}-title`} className="text-2xl/tight font-bold tracking-tight">
          Confirm it is you
        </h2>
        <p id={`${id}-words`} className="mt-2 text-[0.9375rem] text-muted">
          What you are about to do needs your password once more. It then goes on by itself, and you are not asked again
          for a few minutes.
        </p>
        <ConfirmForm prompt={prompt} />
      </dialog>
    </div>
  );
};
