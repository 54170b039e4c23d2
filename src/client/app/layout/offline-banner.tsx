import type { AuthState } from 'latchkey/client';
import { OfflineIcon } from '../ui/icons.tsx';

/** Whether it is the network or the server that is away cannot be told: what can be done is the same. */
const WORDS: Record<AuthState['status'], string> = {
  anonymous: 'The server cannot be reached. The page catches up by itself.',
  authenticated: 'The server cannot be reached. You stay signed in, and the page catches up by itself.',
  // A browser that holds two session cookies waits for ever, unless its owner helps.
  restoring:
    'The server cannot be reached. The page goes on by itself. If other sites work and this lasts, clear the cookies of this site and sign in again.',
};

export const OfflineBanner = ({ status }: Pick<AuthState, 'status'>) => (
  <div role="status" className="bg-brass-soft text-on-brass">
    <p className="mx-auto flex max-w-6xl items-center gap-3 px-4 py-2.5 text-[0.9375rem] sm:px-8">
      <OfflineIcon className="size-5 shrink-0" />
      <span>{WORDS[status]}</span>
    </p>
  </div>
);
