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
  /** Hidden pages do not look: they do when they are seen again. */
  const syncAgainAndAgain = (): (() => void) => {
    let stopTimer = (): void => undefined;
    const again = (): void => {
      stopTimer = setTimer(() => {
        if (isVisible()) sync();
        again();
      }, SYNC_EVERY_MS);
    };
    again();
    return () => stopTimer();
  };

  /** Cookies are written by another process than the one that notifies: the word may come before what it is about. */
  const syncTwice = (): void => {
    onNotified();
    setTimer(sync, SYNC_EVERY_MS);
  };

  return channel ? channel.listen(syncTwice) : syncAgainAndAgain();
};
