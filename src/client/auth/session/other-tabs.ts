import type { AuthEnvironment } from '../environment.ts';

/** Where the tabs cannot call each other, how often one that is seen looks at the hint cookie by itself. */
const LOOK_EVERY_MS = 500;

export interface OtherTabs {
  /** Tells them that something has changed here. */
  call: () => void;
  /** Begins to follow what changes in them. Returns the way to stop. */
  follow: () => () => void;
}

/** A sign-in, a sign-out and a server that is back reach the other tabs in under a second, through nothing but a call to look. */
export const createOtherTabs = (
  { channel, isVisible, setTimer }: Pick<AuthEnvironment, 'channel' | 'isVisible' | 'setTimer'>,
  look: () => void,
  onCall: () => void,
): OtherTabs => {
  /** Hidden pages do not look: they do when they are seen again. */
  const lookAgainAndAgain = (): (() => void) => {
    let stopTimer = (): void => undefined;
    const again = (): void => {
      stopTimer = setTimer(() => {
        if (isVisible()) look();
        again();
      }, LOOK_EVERY_MS);
    };
    again();
    return () => stopTimer();
  };

  /** Cookies are written by another process than the one that calls: the call may come before what it is about. */
  const lookTwice = (): void => {
    onCall();
    setTimer(look, LOOK_EVERY_MS);
  };

  return {
    call: () => channel?.call(),
    follow: () => (channel ? channel.listen(lookTwice) : lookAgainAndAgain()),
  };
};
