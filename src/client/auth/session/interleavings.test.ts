import { createTRPCUntypedClient, httpLink } from '@trpc/client';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTestBrowser, type TestTab } from '#testing/client/browser.ts';
import { isGateReason, isSessionOverReason } from '../../../shared/auth/index.ts';
import { isRecord } from '../internal/record.ts';
import { settle } from '../testing/clock.ts';
import type { TestTransit } from '../testing/network.ts';
import { unavailable } from '../testing/server.ts';

/** What can happen between any two promises. `pick` chooses among what is there. */
const anyStep = fc.record({
  kind: fc.constantFrom(
    ...(['call', 'call', 'call', 'abort', 'arrive', 'arrive', 'deliver', 'deliver', 'deliver', 'lose'] as const),
    ...([
      'expire',
      'expire',
      'revoke',
      'trouble',
      'signIn',
      'signInWrong',
      'signOut',
      'show',
      'connect',
      'wait',
    ] as const),
  ),
  tab: fc.nat(1),
  pick: fc.nat(1_000),
  /** Whether promises run before the next step. If not, both happen in one turn. */
  pause: fc.boolean(),
});
type Step = typeof anyStep extends fc.Arbitrary<infer T> ? T : never;

interface MadeCall {
  path: string;
  madeBy: string | null;
  controller: AbortController;
  ending: Promise<void>;
  result: () => { data: unknown } | { error: unknown } | null;
}

const reasonIn = (transit: TestTransit): unknown => {
  const body = transit.reply()?.body;
  const error = isRecord(body) ? body['error'] : undefined;
  const data = isRecord(error) ? error['data'] : undefined;
  return isRecord(data) ? data['reason'] : undefined;
};

const userOfTab = ({ auth }: TestTab): string | null => {
  const state = auth.getState();
  return state.status === 'authenticated' ? state.user.username : null;
};

/** What a browser may have, and what it may not. */
const anyBrowser = fc.record({ hasLocks: fc.boolean(), hasChannel: fc.boolean(), isElsewhere: fc.boolean() });
type BrowserHas = typeof anyBrowser extends fc.Arbitrary<infer T> ? T : never;

/** A browser of one or two tabs in which every request waits to be moved on. */
const createWorld = (tabCount: number, has: BrowserHas) => {
  const browser = createTestBrowser(has);
  browser.signedInBefore('ada');
  const tabs = Array.from({ length: tabCount }, () => browser.openTab());
  const worlds = tabs.map((tab) => {
    tab.network.usually('hold');
    const client = createTRPCUntypedClient({
      links: [
        tab.auth.link(),
        httpLink({
          url: '/api/trpc',
          headers: tab.auth.headers,
          fetch: (url, init) => tab.network.fetch(url, { ...init, signal: init?.signal ?? null }),
        }),
      ],
    });
    tab.auth.start();
    return { tab, client };
  });

  const calls: MadeCall[] = [];
  const endings: Promise<unknown>[] = [];
  const delivered = new Set<string>();
  let signIns = 0;
  let isSignedOut = false;
  let revoked = false;

  const call = ({ tab, client }: (typeof worlds)[number]): void => {
    const controller = new AbortController();
    const path = `notes.${calls.length}`;
    let result: ReturnType<MadeCall['result']> = null;
    const ending = client.mutation(path, undefined, { signal: controller.signal }).then(
      (data) => {
        result = { data };
      },
      (error: unknown) => {
        result = { error };
      },
    );
    calls.push({ path, madeBy: userOfTab(tab), controller, ending, result: () => result });
  };

  const pending = (): { tab: TestTab; transit: TestTransit }[] =>
    tabs.flatMap((tab) => tab.network.log.filter(({ isDone }) => !isDone()).map((transit) => ({ tab, transit })));

  const deliver = (transit: TestTransit): void => {
    if (transit.isDone()) return;
    transit.deliver();
    const sid = transit.reply()?.cookies?.refresh;
    if (sid) delivered.add(sid);
  };

  const step = ({ kind, tab: tabIndex, pick }: Step): void => {
    const here = worlds[tabIndex % worlds.length];
    if (here === undefined) return;
    const { tab } = here;
    const waiting = pending();
    const chosen = waiting[pick % Math.max(1, waiting.length)]?.transit;
    switch (kind) {
      case 'call':
        return call(here);
      case 'abort':
        return calls[pick % Math.max(1, calls.length)]?.controller.abort();
      case 'arrive':
        return chosen?.arrive();
      case 'deliver':
        return chosen && deliver(chosen);
      case 'lose':
        return chosen?.lose();
      case 'expire':
        return browser.server.expireTokens();
      case 'revoke':
        if (pick % 4 === 0) {
          revoked = true;
          browser.server.end(browser.jar.refresh, 'ended_by_admin');
        }
        return;
      case 'trouble':
        return tab.network.next(unavailable(), 'auth.refresh');
      case 'signIn':
        signIns += 1;
        isSignedOut = false;
        endings.push(
          tab.auth.signIn({ username: ['ada', 'bob', 'eve'][pick % 3] ?? '', password: 'x' }).catch(() => undefined),
        );
        return;
      case 'signInWrong':
        isSignedOut = false;
        endings.push(tab.auth.signIn({ username: 'wrong', password: 'x' }).catch(() => undefined));
        return;
      case 'signOut':
        isSignedOut = true;
        endings.push(tab.auth.signOut());
        return;
      case 'show':
        return tab.show(pick % 2 === 0);
      case 'connect':
        return tab.connect(pick % 2 === 0);
      case 'wait':
        return;
    }
  };

  /** The promises that hold after every step. */
  const check = (): void => {
    for (const { network, auth } of tabs) {
      const refreshing = network.sent('auth.refresh').filter(({ isDone }) => !isDone());
      expect(refreshing.length, 'refreshes in flight in a tab').toBeLessThanOrEqual(1);

      for (const { path, madeBy } of calls) {
        const sent = network.sent(path);
        expect(sent.length, `times that ${path} was sent`).toBeLessThanOrEqual(2);
        if (sent[0] && sent.length === 2) {
          expect(sent[0].isDone() && isGateReason(reasonIn(sent[0])), `${path} was refused at the gate`).toBe(true);
        }
        for (const { accessToken } of sent) {
          if (madeBy !== null && accessToken)
            expect(browser.server.ownerOf(accessToken), `${path} sent as`).toBe(madeBy);
        }
      }

      const state = auth.getState();
      if (state.status === 'anonymous') expect(auth.headers()).not.toHaveProperty('authorization');
      if (state.status !== 'anonymous' || state.ended === null || state.ended.reason === 'signed_out') continue;
      const said = network.log.some((transit) => transit.isDone() && isSessionOverReason(reasonIn(transit)));
      expect(said, 'only a definite answer ends a session').toBe(true);
      // With two tabs, the other one's sign-in or logout is an end as well.
      if (tabs.length === 1 && signIns === 0) expect(revoked, 'an honest session ended').toBe(true);
    }
    const [only, other] = tabs;
    if (only && !other && isSignedOut) expect(userOfTab(only), 'signed out means out').toBeNull();
  };

  /** Lets everything come to its end with a network that works. */
  const drain = async (): Promise<void> => {
    for (const tab of tabs) {
      tab.network.usually('pass');
      tab.connect(true);
    }
    for (let round = 0; round < 20; round += 1) {
      for (const { transit } of pending()) deliver(transit);
      await browser.clock.advance(10_000);
      check();
    }
    await Promise.all(endings);
    for (const { path, result } of calls) expect(result(), `${path} settled`).not.toBeNull();
  };

  return { browser, tabs, calls, delivered, step, check, drain, isSignedOut: () => isSignedOut };
};

const run = async (tabCount: number, has: BrowserHas, steps: readonly Step[]) => {
  const world = createWorld(tabCount, has);
  for (const step of steps) {
    world.step(step);
    if (step.kind === 'wait') await world.browser.clock.advance(step.pick * 20);
    else if (step.pause) await settle();
    world.check();
  }
  await world.drain();
  return world;
};

test('in one tab: every call settles, one refresh at a time, one retry at most, nothing lives after logout', async () => {
  await fc.assert(
    fc.asyncProperty(anyBrowser, fc.array(anyStep, { minLength: 5, maxLength: 40 }), async (has, steps) => {
      const { browser, tabs, delivered, isSignedOut } = await run(1, has, steps);
      expect(tabs[0]?.auth.getState().status, 'nothing waits for ever').not.toBe('restoring');
      if (!isSignedOut()) return;
      for (const { hint } of [browser.jar, browser.pageJar]) {
        expect(hint, 'the hint after a sign-out that the server has heard of').toBeNull();
      }
      for (const sid of delivered) expect(browser.server.isLive(sid), `${sid} after logout`).toBe(false);
    }),
    { numRuns: 300 },
  );
}, 60_000);

test('in two tabs of one browser: the same, for the user who is signed in', async () => {
  await fc.assert(
    fc.asyncProperty(anyBrowser, fc.array(anyStep, { minLength: 5, maxLength: 40 }), async (has, steps) => {
      await run(2, has, steps);
    }),
    { numRuns: 150 },
  );
}, 60_000);
