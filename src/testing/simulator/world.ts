import { HINT_SIGNED_OUT, type RevocationCause } from 'latchkey/shared';
import { createTestClock } from '#client/auth/testing/clock.ts';
import { createTestChannels, createTestLocks } from '#client/auth/testing/other-tabs.ts';
import type { StoredUser } from '#server/auth/accounts/stored-user.ts';
import type { StoredSession } from '#server/auth/sessions/stored-session.ts';
import type { FeedListener } from '#server/auth/store/revocation-feed.ts';
import { createCalls } from './calls.ts';
import type { Figures } from './figures.ts';
import { createJar } from './jar.ts';
import { createJudge } from './judge.ts';
import { createNetwork } from './network.ts';
import { createNoDatabase } from './no-database.ts';
import { createPerson } from './person.ts';
import { accessTokenIn, reasonIn } from './replies.ts';
import { createRows } from './rows.ts';
import { IN_TIME, type Lateness, SERVER_SKEW } from './rules.ts';
import { createServer } from './server.ts';
import { openTab, type Tab } from './tab.ts';
import { createThief } from './thief.ts';
import { createTokenVault } from './tokens.ts';
import { createWatch } from './violations.ts';

export interface WorldOptions {
  lateness: Lateness;
  /** What the tabs have to agree by. */
  hasLocks: boolean;
  hasChannel: boolean;
  figures: Figures;
}

/** The call that renews a session. */
const RENEWING = 'auth.changePassword';

const START = Date.UTC(2026, 0, 1, 12);

const makeUser = (name: string): StoredUser => ({
  id: name,
  username: name,
  email: `${name}@example.com`,
  email_verified_at: null,
  roles: 'user',
  ver: 0,
  disabled_at: null,
  fac: 'password',
  created_at: START,
});

export const USERS = ['ada', 'bob'] as const;
const users = new Map(USERS.map((name) => [name as string, makeUser(name)]));

/** All promises that can go on without time have gone on, however long the chain. */
export const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

const database = createNoDatabase();

/** Everything that there is: two servers on one store, one browser with its tabs, one thief, and one clock for all. */
export const createWorld = ({ lateness, hasLocks, hasChannel, figures }: WorldOptions) => {
  const clock = createTestClock(START, settle);
  const watch = createWatch();
  const tokens = createTokenVault();
  const jar = createJar(tokens);
  const person = createPerson(() => rows.isRenewed(jar.sid() ?? ''));
  const thief = createThief({ jar, tokens, now: clock.now });
  const calls = createCalls(watch);
  const { locks } = createTestLocks();
  const channels = createTestChannels();
  const feeds = new Map<number, FeedListener>();

  const tellServers = ({ sid }: StoredSession, cause: RevocationCause): void => {
    for (const feed of feeds.values()) feed.notice({ kind: 'session', sid, cause });
  };
  const rows = createRows(database, users, {
    onAdvance: (session, to) => judge.onAdvance(session, to),
    onRaised(session) {
      judge.onRaised(session);
      for (const feed of feeds.values()) feed.notice({ kind: 'proof', sid: session.sid, sver: session.sver });
    },
    onRevoke(session, cause) {
      judge.onRevoke(session, cause);
      tellServers(session, cause);
    },
    onLost: (lost, before) => judge.onLost(lost, before),
  });
  const judge = createJudge({
    now: clock.now,
    isInTime: lateness === IN_TIME,
    watch,
    rows,
    thief,
    person,
    calls,
    figures,
  });

  const servers = [0, SERVER_SKEW].map((skew, index) =>
    createServer({
      database,
      rows,
      tokens,
      users,
      now: () => clock.now() + skew,
      connect(listener) {
        feeds.set(index, listener);
        for (const { sid, sver, state } of rows.all()) {
          listener.notice({ kind: 'proof', sid, sver });
          if (state.revokedCause !== null) listener.notice({ kind: 'session', sid, cause: state.revokedCause });
        }
      },
      onDecision: judge.onDecision,
      onResolve: judge.onResolve,
      onGrant: judge.onGrant,
      onLogout: judge.onLogout,
    }),
  );

  const network = createNetwork({
    now: clock.now,
    lateness,
    jar,
    era: () => jar.version() + person.turns(),
    onSend: calls.onSend,
    onHear: (tab, reply) => tabs.find(({ id }) => id === tab)?.heard.add(reasonIn(reply)),
    onArrival({ era, path }, reply) {
      const { cookies: written } = reply;
      if (path === RENEWING && accessTokenIn(reply) !== null && written?.refresh === undefined) {
        watch.violated('honest', 'a changed password brought no cookie');
      }
      if (written === undefined || Object.keys(written).length === 0 || era === jar.version() + person.turns()) return;
      // An answer to what was sent before somebody signed in or out here: its cookies take the place of theirs.
      const sid = tokens.read(written.refresh ?? null)?.sid ?? null;
      if (sid !== jar.sid()) {
        figures.count('corner: answers crossed a sign-in or a sign-out');
        person.isUnsure();
      } else if (jar.cookies.hint === HINT_SIGNED_OUT && sid !== null) {
        figures.count('corner: an answer took away the mark of a sign-out that the server had not heard of');
        unmarkedTurn = person.turns();
      }
    },
  });

  const cutOff = new Set<string>();

  let tabs: Tab[] = [];
  let opened = 0;
  /** The sign-out whose mark was taken away: until the server hears of it, only the page that it was in knows. */
  let unmarkedTurn = Number.NaN;
  const isUnmarked = (): boolean => unmarkedTurn === person.turns();
  let skew = 0;

  return {
    clock,
    watch,
    tokens,
    jar,
    person,
    thief,
    calls,
    rows,
    servers,
    network,
    figures,
    judge,
    isUnmarked,
    /** Counts the session that was renewed for this browser without it ever hearing of it. */
    countCutOff(): void {
      const sid = jar.sid();
      if (sid === null || cutOff.has(sid) || !rows.isRenewed(sid)) return;
      const changes = network.underWay().filter(({ path }) => path === RENEWING);
      if (changes.some(({ request }) => tokens.read(request.cookie)?.sid === sid)) return;
      cutOff.add(sid);
      figures.count('corner: the answer to a changed password was lost');
    },
    /** The tabs that are open. */
    tabs: (): readonly Tab[] => tabs,
    open(): Tab {
      opened += 1;
      const id = opened;
      const tab = openTab(id, {
        clock: { now: () => clock.now() + skew, setTimer: clock.setTimer },
        jar: jar.cookies,
        fetch: (page) => network.fetchFor(id, page),
        locks: hasLocks ? locks : undefined,
        channel: hasChannel ? channels.open() : undefined,
      });
      tabs = [...tabs, tab];
      return tab;
    },
    close(tab: Tab): void {
      // With it goes what it alone knew: that this browser was signed out.
      if (isUnmarked()) person.isUnsure();
      tab.close();
      tabs = tabs.filter((other) => other !== tab);
    },
    /** Sets this computer's clock. */
    setClock(milliseconds: number): void {
      skew = milliseconds;
    },
  };
};

export type World = ReturnType<typeof createWorld>;
