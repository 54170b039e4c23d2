import type { Reason, RevocationCause } from '../../../shared/auth/index.ts';
import type { Transformer } from '../wire/transformer.ts';
import { createTestClock, type TestClock } from './clock.ts';
import { createTestNetwork } from './network.ts';
import { createTestChannels, createTestLocks } from './other-tabs.ts';
import type { TestPage } from './page.ts';
import { createTestServer, demand, refusal, type TestJar, type TestServerOptions, unavailable } from './server.ts';
import { createTestStreams } from './streams.ts';
import { createTestTab, type TestTabBase } from './tab.ts';

/** Whole, since an EventSource in Node.js has no page that a path could be relative to. */
const API_URL = 'http://localhost/api/trpc';

const { setTimeout: setRealTimeout } = globalThis;

/**
 * Lets everything happen that needs no time on the kit's clock: promises, and batches, which tRPC sends with the next
 * turn.
 */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 6; turn += 1) await new Promise<void>((resolve) => void setRealTimeout(resolve));
};

export interface AuthKitOptions extends Pick<TestServerOptions, 'procedures' | 'openProcedures' | 'freshProcedures'> {
  /** That of the app's router, if it has one. */
  transformer?: Transformer;
  /**
   * How long an access token lives, in seconds.
   * @default 900
   */
  accessTokenTtl?: number;
  /**
   * In seconds.
   * @default 30
   */
  refreshLeeway?: number;
  /**
   * Whether the browser has Web Locks and a BroadcastChannel: leave them out to see the engine do without.
   * @default true
   */
  coordinated?: boolean;
}

/** Somebody who has copied the refresh cookie. */
export interface CookieThief {
  /** Refreshes with the copy, and keeps what it is answered with. Returns why it was refused, null if it was not. */
  refresh: () => Reason | null;
}

export type AuthKitTab = TestTabBase;

/** A browser, its network and a server, all in memory, around the real auth client. */
export interface AuthKit {
  /** The time of browser and server. It stands still until it is advanced. */
  clock: TestClock;
  /** The cookies of the browser: those that no script can read, too. */
  cookies: TestJar;
  /** Puts the cookies of a session into the browser, as if somebody had signed in before. */
  signedIn: (username: string) => void;
  /** Opens a tab. Every tab has an auth client of its own, and all share the cookies. */
  openTab: () => AuthKitTab;
  /** Lets every access token expire at once. */
  expireAccessTokens: () => void;
  /** Lets every proof of who somebody is become too old at once for `freshProcedures`. */
  expireProofs: () => void;
  /** Ends the session that the browser's cookie names. */
  endSession: (cause: RevocationCause) => void;
  /** The next request, or the next with this call in it, is carried out, and its answer does not arrive. */
  loseNextResponse: (path?: string) => void;
  /** The next request, or the next with this call in it, does not reach the server. */
  loseNextRequest: (path?: string) => void;
  /**
   * The next request, or the next with this call in it, is refused. With `reauthentication_required` as by
   * `freshProcedure`, which opens a prompt.
   */
  refuseNext: (reason: Reason, path?: string) => void;
  /** The server answers, and says that its store does not. Until `recover`. */
  breakServer: () => void;
  /** Every request fails, and the browser knows that it is offline. Until `recover`. */
  goOffline: () => void;
  recover: () => void;
  /** Sends a tracked event over every stream of the subscription, and keeps it for those that resume. */
  emit: (path: string, data: unknown) => void;
  /** Breaks the connection of every stream, as a proxy does that has waited long enough. */
  cutStreams: () => void;
  /** How many streams of the subscription are open. */
  streams: (path: string) => number;
  /** How many requests with this call in it have been sent. */
  sent: (path: string) => number;
  stealCookie: () => CookieThief;
  /** Lets everything happen that needs no time. */
  settle: () => Promise<void>;
}

/** A browser gives up the requests of a page that is closed, but for those that are to outlive it. */
const fetchOf =
  (page: TestPage, send: typeof fetch): typeof fetch =>
  (input, init = {}) => {
    if (init.keepalive) return send(input, init);
    const closed = new AbortController();
    page.onClose(() => closed.abort());
    return send(input, { ...init, signal: AbortSignal.any([closed.signal, ...(init.signal ? [init.signal] : [])]) });
  };

/**
 * @example const kit = createAuthKit({ procedures: { 'notes.list': ({ user }) => [`A note of ${user.username}`] } });
 */
export const createAuthKit = ({
  accessTokenTtl = 900,
  refreshLeeway = 30,
  coordinated = true,
  transformer,
  procedures,
  openProcedures,
  freshProcedures,
}: AuthKitOptions = {}): AuthKit => {
  const clock = createTestClock(undefined, settle);
  const leeway = refreshLeeway * 1_000;
  const server = createTestServer({
    expiresIn: accessTokenTtl,
    now: clock.now,
    leeway,
    procedures,
    openProcedures,
    freshProcedures,
  });
  const jar: TestJar = { refresh: null, hint: null };
  const streams = createTestStreams({ server, clock, ...(transformer && { transformer }) });
  const network = createTestNetwork(server, jar, streams, transformer);
  const { locks } = createTestLocks();
  const channels = createTestChannels();
  const tabs: AuthKitTab[] = [];
  let isOnline = true;

  const connect = (online: boolean): void => {
    isOnline = online;
    network.usually(online ? 'pass' : 'lose request');
    if (!online) streams.cut();
    for (const tab of tabs) tab.connect(online);
  };

  return {
    clock,
    cookies: jar,
    signedIn: (username) => void Object.assign(jar, server.openSession(username)),
    openTab() {
      const tab = createTestTab({
        url: API_URL,
        transformer,
        clock,
        jar,
        fetch: (page) => fetchOf(page, network.fetch),
        online: isOnline,
        ...(coordinated && { locks, streamLocks: locks, channel: channels.open() }),
      });
      tabs.push(tab);
      return tab;
    },
    expireAccessTokens() {
      server.expireTokens();
      streams.check();
    },
    expireProofs: server.expireProofs,
    endSession(cause) {
      server.end(jar.refresh, cause);
      streams.check();
    },
    emit: streams.emit,
    cutStreams: streams.cut,
    streams: streams.count,
    loseNextResponse: (path) => network.next('lose answer', path),
    loseNextRequest: (path) => network.next('lose request', path),
    refuseNext: (reason, path) =>
      network.next(reason === 'reauthentication_required' ? demand() : refusal(reason), path),
    breakServer: () => network.usually(unavailable()),
    goOffline: () => connect(false),
    recover: () => connect(true),
    sent: (path) => network.sent(path).length,
    stealCookie() {
      let copy = jar.refresh;
      return {
        refresh() {
          const answer = server.refresh(copy);
          copy = answer.cookies?.refresh ?? copy;
          return answer.reason ?? null;
        },
      };
    },
    settle,
  };
};
