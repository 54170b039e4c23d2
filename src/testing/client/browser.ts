import { createTestClock } from '#client/auth/testing/clock.ts';
import { createTestNetwork, type TestNetwork } from '#client/auth/testing/network.ts';
import { createTestChannels, createTestLocks } from '#client/auth/testing/other-tabs.ts';
import { createTestServer, type TestJar } from '#client/auth/testing/server.ts';
import { createTestTab, type TestTabBase } from '#client/auth/testing/tab.ts';
import { HINT_SIGNED_OUT } from '#shared/auth/cookies.ts';

export interface TestTab extends TestTabBase {
  network: TestNetwork;
}

/**
 * A browser with its cookies, a server, a clock, and as many tabs as are opened. Has neither locks nor a channel unless
 * asked for.
 */
export const createTestBrowser = ({
  expiresIn = 900,
  random = (): number => 0,
  hasLocks = false,
  hasChannel = false,
  /** Whether the API is on another host of the site, whose cookies the page cannot read. */
  isElsewhere = false,
} = {}) => {
  const clock = createTestClock();
  const server = createTestServer({ expiresIn, now: clock.now });
  const jar: TestJar = { refresh: null, hint: null };
  /** What pages can read and write. */
  const pageJar: Pick<TestJar, 'hint'> = isElsewhere ? { hint: null } : jar;
  let hints = 0;
  const renewHint = (): void => {
    hints += 1;
    pageJar.hint = `own-${hints}`;
  };
  const locks = createTestLocks();
  const channels = createTestChannels();

  return {
    locks,
    channels,
    clock,
    server,
    jar,
    pageJar,
    /** Puts the cookies of a session into the browser, as if someone had signed in before. */
    signedInBefore(name: string): void {
      Object.assign(jar, server.openSession(name));
      if (isElsewhere) renewHint();
    },
    openTab({ visible = true, online = true } = {}): TestTab {
      const network = createTestNetwork(server, jar);
      const tab = createTestTab({
        clock,
        jar: pageJar,
        renewHint: isElsewhere ? renewHint : undefined,
        fetch: () => network.fetch,
        random,
        visible,
        online,
        locks: hasLocks ? locks.locks : undefined,
        streamLocks: hasLocks ? locks.locks : undefined,
        channel: hasChannel ? channels.open() : undefined,
      });
      return { ...tab, network };
    },
  };
};

/** Whether the browser remembers that it is signed out. */
export const isMarkedOut = (jar: TestJar): boolean => jar.hint === HINT_SIGNED_OUT;
