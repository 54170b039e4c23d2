/** Where the hint is kept: the one thing about the session that script may read. Worth nothing to a thief. */
export interface HintStore {
  /** The hint's value, null without one. */
  read: () => string | null;
  write: (value: string) => void;
  remove: () => void;
  /**
   * Called where a session begins here that has no hint. Where the server is on another host of the site, whose cookies
   * the page cannot read, writes a value that was not there before. Elsewhere the server does, and this nothing.
   */
  renew?: () => void;
}

/**
 * Notifies the other tabs of this browser. It carries nothing: a tab that hears it looks at the hint cookie, which no
 * other page can forge, and does what that says.
 */
export interface TabChannel {
  notify: () => void;
  /** Returns an unsubscribe function. Our own are not heard. */
  listen: (listener: () => void) => () => void;
}

/** The part of Web Locks that is used: `navigator.locks` is one. */
export interface TabLocks {
  request: (
    name: string,
    options: { signal: AbortSignal },
    held: () => Promise<unknown> | undefined,
  ) => Promise<unknown>;
}

/** As much of Web Locks as sharing takes: `navigator.locks` is one. */
export interface StreamLocks extends TabLocks {
  query: () => Promise<{ pending?: { name?: string }[] }>;
}

/** Everything that the engine takes from the world around it. Tests and simulations put their own in place. */
export interface AuthEnvironment {
  fetch: typeof fetch;
  /** Milliseconds. May be wrong, jump and go back: nothing is compared with the server's. */
  now: () => number;
  /** Runs the function once, after so many milliseconds or later. Returns the way to call it off. */
  setTimer: (run: () => void, milliseconds: number) => () => void;
  /** From 0 up to 1. */
  random: () => number;
  /** Null where there is no page, as on a server that renders one: nothing is restored there, and nothing starts. */
  hint: HintStore | null;
  isOnline: () => boolean;
  /** Called when the network comes or goes. Returns an unsubscribe function. */
  onConnection: (listener: () => void) => () => void;
  isVisible: () => boolean;
  /**
   * Called when the page is shown or comes to the front: after sleep, from another tab, from the back-forward cache.
   * Returns an unsubscribe function.
   */
  onWake: (listener: () => void) => () => void;
  /** Called when the page is hidden or left. Returns an unsubscribe function. */
  onHide: (listener: () => void) => () => void;
  /** Lets one tab after the other write cookies. Everything is correct without. */
  locks?: TabLocks | undefined;
  /** Whether calls and streams of all tabs have the six connections of HTTP/1.1 between them. */
  hasFewConnections?: boolean | undefined;
  /** Shares those few among the streams. Without it they make room every few seconds, whether anybody waits or not. */
  streamLocks?: StreamLocks | undefined;
  /** Told in development, once each, what the app itself did wrong. By default `console.error`. */
  report?: ((line: string) => void) | undefined;
  /** Notifies the other tabs. Without it they look at the hint by themselves. */
  channel?: TabChannel | undefined;
}
