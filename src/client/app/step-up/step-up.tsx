import { useReauthentication } from 'latchkey/react/step-up';
import type { ReactNode } from 'react';
import { ConfirmDialog } from './confirm-dialog.tsx';

/**
 * Asks who is there, over whatever page, when something needs it that was just begun. What is below waits, and goes on
 * by itself.
 *
 * What is below is inert, and not the whole document as under a modal `<dialog>`: what a password manager draws over
 * the page has to be within reach.
 */
export const StepUp = ({ children }: { children: ReactNode }) => {
  const prompt = useReauthentication();

  return (
    <>
      <div inert={prompt !== null}>{children}</div>
      {prompt !== null && <ConfirmDialog prompt={prompt} />}
    </>
  );
};
