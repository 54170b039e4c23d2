import { type HintStore, hintCookie } from './hint-cookie.ts';

export type { HintStore } from './hint-cookie.ts';

/** Everything that the engine takes from the world around it. Tests and simulations put their own in place. */
export interface AuthEnvironment {
  fetch: typeof fetch;
  /** Milliseconds. May be wrong, jump and go back: nothing is compared with the server's. */
  now: () => number;
  /** Runs the function once, after so many milliseconds or later. Returns the way to call it off. */
  setTimer: (run: () => void, milliseconds: number) => () => void;
  /** From 0 up to 1. */
  random: () => number;
  hint: HintStore;
  isOnline: () => boolean;
  /** Calls when the network comes or goes. Returns the way to stop. */
  onConnection: (listener: () => void) => () => void;
  isVisible: () => boolean;
  /** Calls when the page is shown or comes to the front: after sleep, from another tab, from the back-forward cache. */
  onWake: (listener: () => void) => () => void;
}

/** The longest that `setTimeout` can wait: anything above runs at once. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

const listen = (target: () => EventTarget, events: readonly string[], listener: () => void): (() => void) => {
  for (const event of events) target().addEventListener(event, listener);
  return () => {
    for (const event of events) target().removeEventListener(event, listener);
  };
};

/** The browser's own. Looks at no global before it is used, so that importing it elsewhere does no harm. */
export const browserEnvironment = (): AuthEnvironment => ({
  fetch: (input, init) => globalThis.fetch(input, init),
  now: () => Date.now(),
  setTimer(run, milliseconds) {
    const timer = setTimeout(run, Math.min(milliseconds, LONGEST_TIMEOUT));
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
  hint: hintCookie(() => globalThis),
  isOnline: () => navigator.onLine,
  onConnection: (listener) => listen(() => window, ['online', 'offline'], listener),
  isVisible: () => document.visibilityState === 'visible',
  onWake(listener) {
    const stopPage = listen(() => window, ['focus', 'pageshow'], listener);
    const stopDocument = listen(
      () => document,
      ['visibilitychange'],
      () => {
        if (document.visibilityState === 'visible') listener();
      },
    );
    return () => {
      stopPage();
      stopDocument();
    };
  },
});
