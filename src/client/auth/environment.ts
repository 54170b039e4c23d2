import { type HintStore, hintCookie } from './hint-cookie.ts';
import { listen } from './listen.ts';
import type { StreamLocks } from './stream-slots.ts';
import { broadcastChannel, type TabChannel } from './tab-channel.ts';
import type { TabLocks } from './turns.ts';

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
  /** Calls when the page is hidden or left. Returns the way to stop. */
  onHide: (listener: () => void) => () => void;
  /** Lets one tab after the other write cookies. Everything is correct without. */
  locks?: TabLocks | undefined;
  /** Whether calls and streams of all tabs have the six connections of HTTP/1.1 between them. */
  hasFewConnections?: boolean | undefined;
  /** Shares those few among the streams. Without it they make room every few seconds, whether anybody waits or not. */
  streamLocks?: StreamLocks | undefined;
  /** Calls the other tabs. Without it they look at the hint by themselves. */
  channel?: TabChannel | undefined;
}

/** The longest that `setTimeout` can wait: anything above runs at once. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

const isVisible = (): boolean => document.visibilityState === 'visible';

const isPage = (): boolean => typeof document !== 'undefined';

/** Missing where the page is not secure, and in browsers that do not have them yet. */
const tabLocks = (): StreamLocks | undefined => (isPage() ? navigator.locks : undefined);

/** Whether the page came over HTTP/2 or 3, where one connection carries as many requests as there are. */
const isMultiplexed = (): boolean =>
  performance
    .getEntriesByType('navigation')
    .some((entry) => entry instanceof PerformanceResourceTiming && /^h[23]/.test(entry.nextHopProtocol));

/** The browser's own. Elsewhere, what a browser alone has is looked for only when it is used. */
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
  onConnection: (listener) => listen([window], ['online', 'offline'], listener),
  isVisible,
  // `visibilitychange` bubbles up from the document.
  onWake: (listener) =>
    listen([window], ['visibilitychange', 'focus', 'pageshow'], () => {
      if (isVisible()) listener();
    }),
  // A page that is left may be seen to its last moment.
  onHide: (listener) =>
    listen([window], ['visibilitychange', 'pagehide'], ({ type }) => {
      if (type === 'pagehide' || !isVisible()) listener();
    }),
  locks: tabLocks(),
  hasFewConnections: isPage() && !isMultiplexed(),
  streamLocks: tabLocks(),
  channel: broadcastChannel(),
});
