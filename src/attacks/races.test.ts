import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestAuth, type TestAuth, type TestBrowser } from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import { isHeavy } from '#testing/heavy.ts';
import { HINT, REFRESH } from './kit/target.ts';

/** Each lead of one call over the other comes twice. */
const TIMES = isHeavy ? 100 : 14;
const DAY = 24 * 60 * 60 * 1000;
const LONG = 120_000;

/** Somebody whose access token has long expired and whose refresh token is due: the next refresh writes. */
interface Racers {
  name: string;
  owner: TestBrowser;
  /** Another tab of the owner, or a thief: it holds what the owner holds, and goes its own way. */
  tab: TestBrowser;
  /** What the owner held before the race. */
  before: TestBrowser;
  /** The owner's other device, with a session of its own. */
  phone: TestBrowser;
}

interface Race {
  what: string;
  /** Comes before the race. */
  prepare?: (racers: Racers, wait: () => void) => Promise<void>;
  one: (racers: Racers) => Promise<unknown>;
  other: (racers: Racers) => Promise<unknown>;
  /** Whether each of the two succeeds; undefined where either may be. */
  succeed: readonly [boolean | undefined, boolean];
  /** Nothing that they hold opens anything afterwards, neither an access token nor a cookie. */
  dead?: readonly (keyof Racers & ('owner' | 'tab' | 'before'))[];
  alive?: readonly (keyof Racers & ('owner' | 'tab' | 'phone'))[];
  check?: (racers: Racers) => void;
}

const refresh = (who: 'owner' | 'tab') => (racers: Racers) => racers[who].refresh();
const login = (who: 'owner' | 'tab') => (racers: Racers) => racers[who].login(racers.name);
const logout = (who: 'owner' | 'tab') => (racers: Racers) => racers[who].call().auth.logout();

const endOwnersSession = async ({ phone }: Racers): Promise<unknown> => {
  const other = (await phone.call().sessions.list()).find(({ current }) => !current);
  return phone.call().sessions.revoke({ id: other?.id ?? '' });
};

const RACES: readonly Race[] = [
  {
    what: 'a logout ends the session, whatever a refresh of it hands out meanwhile',
    one: refresh('tab'),
    other: logout('owner'),
    succeed: [undefined, true],
    dead: ['tab', 'before'],
  },
  {
    what: 'a login ends the session that it replaces and starts one that lives, whatever a refresh does meanwhile',
    one: refresh('tab'),
    other: login('owner'),
    succeed: [undefined, true],
    dead: ['tab', 'before'],
    alive: ['owner'],
    check: ({ owner, before }) => expect(owner.cookies.get(HINT)).not.toEqual(before.cookies.get(HINT)),
  },
  {
    what: '“end session” from another device ends it, whatever a refresh does meanwhile',
    one: refresh('owner'),
    other: endOwnersSession,
    succeed: [undefined, true],
    dead: ['owner', 'before'],
    alive: ['phone'],
  },
  {
    what: '“end all others” ends them, and not the one that asks',
    one: refresh('owner'),
    other: ({ phone }) => phone.call().sessions.revokeOthers(),
    succeed: [undefined, true],
    dead: ['owner', 'before'],
    alive: ['phone'],
  },
  {
    what: 'a reuse ends the session for the one who refreshes meanwhile as well',
    prepare: async ({ owner, tab }, wait) => {
      await tab.refresh();
      wait();
      await owner.refresh();
      wait();
    },
    one: refresh('owner'),
    other: refresh('tab'),
    succeed: [undefined, false],
    dead: ['owner', 'tab'],
  },
  {
    what: 'of two tabs that refresh at once nobody loses: both live on, with one successor',
    one: refresh('owner'),
    other: refresh('tab'),
    succeed: [true, true],
    alive: ['owner', 'tab'],
    check: ({ owner, tab }) => expect(tab.cookies.get(REFRESH)).toEqual(owner.cookies.get(REFRESH)),
  },
  {
    what: 'two logins over one session end it once, and both live',
    one: login('owner'),
    other: login('tab'),
    succeed: [true, true],
    dead: ['before'],
    alive: ['owner', 'tab'],
  },
  {
    what: 'of a login and a logout over one session the old one is dead, and the new one lives',
    one: login('owner'),
    other: logout('tab'),
    succeed: [true, true],
    dead: ['before'],
    alive: ['owner'],
  },
];

/**
 * Lets so many turns of the event loop pass, so that the second of two calls meets the first at another point each
 * time.
 */
const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
};

const succeeds = (call: Promise<unknown>): Promise<boolean> =>
  call.then(
    () => true,
    () => false,
  );

/** Starts the two so that either may be first, by up to three turns. */
const run = (
  round: number,
  one: () => Promise<unknown>,
  other: () => Promise<unknown>,
): Promise<[boolean, boolean]> => {
  const lead = (round % 7) - 3;
  return Promise.all([
    turns(Math.max(0, lead)).then(() => succeeds(one())),
    turns(Math.max(0, -lead)).then(() => succeeds(other())),
  ]);
};

const isAlive = async (browser: TestBrowser): Promise<void> => {
  await browser.call().user.me();
  await browser.refresh();
  await browser.call().user.me();
};
const isDead = async (browser: TestBrowser): Promise<void> => {
  expect(await succeeds(browser.call().user.me()), 'an access token').toBe(false);
  expect(await succeeds(browser.refresh()), 'a refresh token').toBe(false);
};

describe.each(eachStore)('on $dialect, many times each', ({ open }) => {
  let store: TestStore;
  let kit: TestAuth;
  let count = 0;

  beforeAll(async () => {
    store = await open();
    kit = await createTestAuth(store);
  });
  afterAll(async () => {
    await kit.stop();
    await store.remove();
  });

  const wait = (): void => kit.clock.advance(DAY);

  const copyOf = (original: TestBrowser): TestBrowser => {
    const copy = kit.openBrowser();
    copy.accessToken = original.accessToken;
    for (const [name, values] of original.cookies) copy.cookies.set(name, values);
    return copy;
  };

  const racersFor = async ({ prepare }: Race): Promise<Racers> => {
    const name = `racer_${(count += 1)}`;
    const owner = kit.openBrowser();
    await owner.register(name);
    wait();
    const phone = kit.openBrowser();
    await phone.login(name);
    const racers = { name, owner, phone, tab: copyOf(owner), before: copyOf(owner) };
    await prepare?.(racers, wait);
    return racers;
  };

  const rows = RACES.map((race) => [race.what, race] as const);
  test.each(rows)(
    '%s',
    async (_what, race) => {
      for (let round = 0; round < TIMES; round += 1) {
        const racers = await racersFor(race);
        const [one, other] = await run(
          round,
          () => race.one(racers),
          () => race.other(racers),
        );
        expect([race.succeed[0] ?? one, race.succeed[1]]).toEqual([one, other]);
        race.check?.(racers);
        for (const who of race.dead ?? []) await isDead(racers[who]);
        for (const who of race.alive ?? []) await isAlive(racers[who]);
      }
    },
    LONG,
  );

  test(
    'of two registrations of one name one wins, and the loser leaves no session behind',
    async () => {
      for (let round = 0; round < TIMES; round += 1) {
        const name = `twin_${(count += 1)}`;
        const [one, other] = [kit.openBrowser(), kit.openBrowser()];
        const won = await run(
          round,
          () => one.register(name),
          () => other.register(name),
        );
        expect(won.filter(Boolean)).toHaveLength(1);
        const [winner, loser] = won[0] ? [one, other] : [other, one];
        expect(loser.cookies.size).toBe(0);
        expect(await winner.call().sessions.list()).toHaveLength(1);
        await isAlive(winner);
      }
    },
    LONG,
  );
});
