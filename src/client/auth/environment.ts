import { type HintStore, hintCookie } from './hint-cookie.ts';
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
  /** Shares the few connections of HTTP/1.1 among the streams of all tabs. Not there where connections are shared anyway. */
  streamLocks?: StreamLocks | undefined;
  /** Calls the other tabs. Without it they look at the hint by themselves. */
  channel?: TabChannel | undefined;
}

/** The longest that `setTimeout` can wait: anything above runs at once. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

const listen = (target: () => EventTarget, events: readonly string[], listener: () => void): (() => void) => {
  for (const event of events) target().addEventListener(event, listener);
  return () => {
    for (const event of events) target().removeEventListener(event, listener);
  };
};

const onVisibility = (
  state: DocumentVisibilityState,
  windowEvents: readonly string[],
  listener: () => void,
): (() => void) => {
  const stopWindow = listen(() => window, windowEvents, listener);
  const stopDocument = listen(
    () => document,
    ['visibilitychange'],
    () => {
      if (document.visibilityState === state) listener();
    },
  );
  return () => {
    stopWindow();
    stopDocument();
  };
};

/** Missing where the page is not secure, and in browsers that do not have them yet. */
const tabLocks = (): StreamLocks | undefined => (typeof document === 'undefined' ? undefined : navigator.locks);

/** Whether the page came over HTTP/2 or 3, where one connection carries as many requests as there are. */
const isMultiplexed = (): boolean =>
  performance
    .getEntriesByType('navigation')
    .some((entry) => 'nextHopProtocol' in entry && /^h[23]/.test(String(entry.nextHopProtocol)));

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
  onConnection: (listener) => listen(() => window, ['online', 'offline'], listener),
  isVisible: () => document.visibilityState === 'visible',
  onWake: (listener) => onVisibility('visible', ['focus', 'pageshow'], listener),
  onHide: (listener) => onVisibility('hidden', ['pagehide'], listener),
  locks: tabLocks(),
  streamLocks: isMultiplexed() ? undefined : tabLocks(),
  channel: broadcastChannel(),
});
