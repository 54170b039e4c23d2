import type { AuthEnvironment } from '../environment.ts';

/** Where the tabs cannot notify each other, how often one that is seen looks at the hint cookie by itself. */
const SYNC_EVERY_MS = 500;

/**
 * Begins to follow what changes in other tabs. A sign-in, a sign-out and a server that is back reach them in under a
 * second, through nothing but a word to look. Returns an unsubscribe function.
 */
export const followOtherTabs = (
  { channel, isVisible, setTimer }: Pick<AuthEnvironment, 'channel' | 'isVisible' | 'setTimer'>,
  sync: () => void,
  onNotified: () => void,
): (() => void) => {
  if (channel) {
    return channel.listen(() => {
      onNotified();
      // Cookies are written by another process than the one that notifies: the word may come before what it is about.
      setTimer(sync, SYNC_EVERY_MS);
    });
  }
  let stopTimer: (() => void) | undefined;
  const syncAgainAndAgain = (): void => {
    stopTimer = setTimer(() => {
      // Hidden pages do not look: they do when they are seen again.
      if (isVisible()) sync();
      syncAgainAndAgain();
    }, SYNC_EVERY_MS);
  };
  syncAgainAndAgain();
  return () => stopTimer?.();
};
