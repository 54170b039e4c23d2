import { type ReactNode, useEffect, useId, useRef } from 'react';

interface DialogProps {
  title: string;
  isOpen: boolean;
  /** Called when it is closed by Escape. */
  onClose: () => void;
  children: ReactNode;
}

/**
 * A dialog that keeps the focus while it is open, and gives it back. What was typed into it is kept while it is closed:
 * its parent decides for how long.
 */
export const Dialog = ({ title, isOpen, onClose, children }: DialogProps) => {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();

  useEffect(() => {
    const dialog = ref.current;
    if (isOpen && dialog?.open === false) dialog.showModal();
    if (!isOpen && dialog?.open === true) dialog.close();
  }, [isOpen]);

  return (
    <dialog
      ref={ref}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      className="m-auto w-[min(28rem,calc(100vw-2rem))] rounded-3xl border border-line bg-surface p-6 text-ink shadow-card backdrop:bg-[rgb(0_0_0/0.45)] sm:p-8"
    >
      <h2 id={id} className="text-2xl/tight font-bold tracking-tight">
        {title}
      </h2>
      {children}
    </dialog>
  );
};
