import type { AuthClient, SessionEnd } from 'latchkey/client';
import { createContext, type ReactNode, use, useState } from 'react';

interface DeletedAccount {
  /** How the session ended that went with its account, null if none did in this page. */
  end: SessionEnd | null;
  /** To be called once the account is deleted, and this browser signed out. */
  remember: () => void;
}

const DeletedAccountContext = createContext<DeletedAccount>({ end: null, remember: () => undefined });

/** Remembers which sign-out was the deletion of an account, above the pages, which go with the user. */
export const DeletedAccountProvider = ({ auth, children }: { auth: AuthClient; children: ReactNode }) => {
  const [end, setEnd] = useState<SessionEnd | null>(null);
  const remember = (): void => {
    const state = auth.getState();
    if (state.status === 'anonymous') setEnd(state.ended);
  };
  return <DeletedAccountContext value={{ end, remember }}>{children}</DeletedAccountContext>;
};

export const useDeletedAccount = (): DeletedAccount => use(DeletedAccountContext);
