import { HINT_SIGNED_OUT } from '../../../shared/auth/cookies.ts';
import { type AuthClient, createAuthClient } from '../auth-client.ts';
import { createTestClock } from './clock.ts';
import { createTestNetwork, type TestNetwork } from './network.ts';
import { createTestServer, type TestJar } from './server.ts';

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

export interface TestTab {
  auth: AuthClient;
  network: TestNetwork;
  show: (visible: boolean) => void;
  connect: (online: boolean) => void;
}

/** A browser with its cookies, a server, a clock, and as many tabs as are opened. */
export const createTestBrowser = ({ expiresIn = 900, random = (): number => 0 } = {}) => {
  const clock = createTestClock();
  const server = createTestServer({ expiresIn });
  const jar: TestJar = { refresh: null, hint: null };

  return {
    clock,
    server,
    jar,
    /** Puts the cookies of a session into the browser, as if someone had signed in before. */
    signedInBefore(name: string): void {
      Object.assign(jar, server.openSession(name));
    },
    openTab({ visible = true, online = true } = {}): TestTab {
      const network = createTestNetwork(server, jar);
      const wakes = createSignal();
      const connections = createSignal();
      let isVisible = visible;
      let isOnline = online;
      const auth = createAuthClient({
        url: '/api/trpc',
        environment: {
          fetch: network.fetch,
          now: clock.now,
          setTimer: clock.setTimer,
          random,
          hint: {
            read: () => jar.hint,
            write(value) {
              jar.hint = value;
            },
            remove() {
              jar.hint = null;
            },
          },
          isOnline: () => isOnline,
          onConnection: connections.on,
          isVisible: () => isVisible,
          onWake: wakes.on,
        },
      });
      return {
        auth,
        network,
        show(next) {
          isVisible = next;
          if (next) wakes.fire();
        },
        connect(next) {
          isOnline = next;
          connections.fire();
        },
      };
    },
  };
};

/** Whether the browser remembers that it is signed out. */
export const isMarkedOut = (jar: TestJar): boolean => jar.hint === HINT_SIGNED_OUT;
