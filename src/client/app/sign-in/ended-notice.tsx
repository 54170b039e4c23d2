import { useAuth } from 'latchkey/react';
import { Notice } from '../ui/notice.tsx';
import { sessionEndWords } from '../words/session-end.ts';
import { useDeletedAccount } from './deleted-account.tsx';

/** Why the session of this page is over. Nothing for a visitor who had none. */
export const EndedNotice = () => {
  const auth = useAuth();
  const deleted = useDeletedAccount();
  if (auth.status !== 'anonymous' || auth.ended === null) return null;

  if (auth.ended === deleted.end) return <Notice role="status">Your account was deleted, and everything in it.</Notice>;
  // Signing out was the user's own doing and interrupts nobody.
  return <Notice role={auth.ended.reason === 'signed_out' ? 'status' : 'alert'}>{sessionEndWords(auth.ended)}</Notice>;
};
