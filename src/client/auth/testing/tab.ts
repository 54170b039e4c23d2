import { type AuthClient, createAuthClient } from '../auth-client.ts';
import type { AuthEnvironment, StreamLocks, TabChannel, TabLocks } from '../environment.ts';
import { noTransformer, type Transformer } from '../wire/transformer.ts';
import type { TestClock } from './clock.ts';
import { createTestPage, type TestPage } from './page.ts';
import type { TestJar } from './server.ts';

const createSignal = () => {
  const listeners = new Set<() => void>();
  return {
    fire: (): void => {
      for (const listener of Array.from(listeners)) listener();
    },
    on: (listener: () => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
};

/** A browser takes the lock back from a page that is closed, and not from one that is frozen. */
const locksOf = <Locks extends TabLocks>(page: TestPage, locks: Locks): Locks => ({
  ...locks,
  request: (...[name, options, held]: Parameters<TabLocks['request']>) =>
    locks.request(
      name,
      options,
      () =>
        new Promise((resolve, reject) => {
          page.onClose(() => resolve(undefined));
          page.run(() => void Promise.resolve(held()).then(resolve, reject));
        }),
    ),
});

const channelOf = (page: TestPage, channel: TabChannel): TabChannel => ({
  notify: channel.notify,
  listen(listener) {
    const stop = channel.listen(() => page.run(listener));
    page.onClose(stop);
    return stop;
  },
});

export interface TestTabParts {
  url?: string;
  transformer?: Transformer | undefined;
  clock: Pick<TestClock, 'now' | 'setTimer'>;
  jar: Pick<TestJar, 'hint'>;
  /** Writes a hint of the page's own, where the server's is out of its reach. */
  renewHint?: (() => void) | undefined;
  /** The network, as this page sees it. */
  fetch: (page: TestPage) => typeof fetch;
  random?: (() => number) | undefined;
  visible?: boolean | undefined;
  online?: boolean | undefined;
  locks?: TabLocks | undefined;
  streamLocks?: StreamLocks | undefined;
  channel?: TabChannel | undefined;
}

/** One tab: a real auth client in a page that a test can hide, freeze, disconnect and close. */
export const createTestTab = ({
  url = '/api/trpc',
  transformer = noTransformer,
  clock,
  jar,
  renewHint,
  fetch,
  random = () => 0,
  visible = true,
  online = true,
  locks,
  streamLocks,
  channel,
}: TestTabParts) => {
  const page = createTestPage(clock);
  const wakes = createSignal();
  const hides = createSignal();
  const connections = createSignal();
  let isVisible = visible;
  let isOnline = online;

  const environment: AuthEnvironment = {
    fetch: fetch(page),
    now: clock.now,
    setTimer: page.setTimer,
    random,
    hint: {
      read: () => jar.hint,
      write(value) {
        jar.hint = value;
      },
      remove() {
        jar.hint = null;
      },
      ...(renewHint && { renew: renewHint }),
    },
    isOnline: () => isOnline,
    onConnection: connections.on,
    isVisible: () => isVisible,
    onWake: wakes.on,
    onHide: hides.on,
    locks: locks && locksOf(page, locks),
    report: () => undefined,
    hasFewConnections: streamLocks !== undefined,
    streamLocks: streamLocks && locksOf(page, streamLocks),
    channel: channel && channelOf(page, channel),
  };
  const auth: AuthClient = createAuthClient({ url, transformer, environment });

  return {
    auth,
    page,
    /** Brings the tab to the front, or puts another one before it. */
    show(next: boolean): void {
      isVisible = next;
      page.run(next ? wakes.fire : hides.fire);
    },
    /** What the browser says of its network. Whether requests get through is the network's own matter. */
    connect(next: boolean): void {
      isOnline = next;
      page.run(connections.fire);
    },
  };
};

export type TestTabBase = ReturnType<typeof createTestTab>;
