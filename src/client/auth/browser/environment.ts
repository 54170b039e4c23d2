import type { AuthEnvironment, StreamLocks } from '../environment.ts';
import { listen } from '../internal/listen.ts';
import { hintCookie } from './hint-cookie.ts';
import { broadcastChannel } from './tab-channel.ts';

/** The longest that `setTimeout` can wait: anything above runs at once. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** Whether the page came over HTTP/2 or 3, where one connection carries as many requests as there are. */
const isMultiplexed = (): boolean =>
  /"nextHopProtocol":"h[23]/.test(JSON.stringify(performance.getEntriesByType('navigation')));

/** The browser's own. Where there is no page, nothing is heard, and there is no hint. */
export const browserEnvironment = (url = ''): AuthEnvironment => {
  const isPage = typeof document !== 'undefined';
  const { window } = globalThis;
  const isVisible = (): boolean => isPage && document.visibilityState === 'visible';
  /** Missing where the page is not secure, and in browsers that do not have them yet. */
  const locks: StreamLocks | undefined = isPage ? navigator.locks : undefined;

  return {
    fetch: (...request) => fetch(...request),
    now: () => Date.now(),
    setTimer(run, milliseconds) {
      const timer = setTimeout(run, Math.min(milliseconds, MAX_TIMEOUT_MS));
      return () => clearTimeout(timer);
    },
    random: Math.random,
    hint: isPage ? hintCookie(url, document) : null,
    isOnline: () => !isPage || navigator.onLine,
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
    locks,
    hasFewConnections: isPage && !isMultiplexed(),
    streamLocks: locks,
    channel: isPage ? broadcastChannel() : undefined,
  };
};
