import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestAuth, type TestAuth, type TestBrowser } from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import { HINT, REFRESH } from './kit/target.ts';

const TIMES = 100;
const DAY = 24 * 60 * 60 * 1000;
const LONG = 120_000;

/** Lets so many turns of the event loop pass, so that the second of two calls meets the first at another point each time. */
const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
};

const settles = (call: Promise<unknown>): Promise<boolean> =>
  call.then(
    () => true,
    () => false,
  );

describe.each(eachStore)('on $dialect, a hundred times each', ({ open }) => {
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

  const copyOf = (original: TestBrowser): TestBrowser => {
    const copy = kit.openBrowser();
    copy.accessToken = original.accessToken;
    for (const [name, values] of original.cookies) copy.cookies.set(name, values);
    return copy;
  };

  /** Somebody whose access token has long expired and whose refresh token is due: the next refresh writes. */
  const someoneDue = async (): Promise<{ name: string; owner: TestBrowser }> => {
    const name = `racer_${(count += 1)}`;
    const owner = kit.openBrowser();
    await owner.register(name);
    kit.clock.advance(DAY);
    return { name, owner };
  };

  /** Neither what a browser held before nor what it has now opens anything. */
  const isDead = async (...browsers: TestBrowser[]): Promise<void> => {
    for (const browser of browsers) {
      expect(await settles(browser.call().user.me()), 'an access token').toBe(false);
      expect(await settles(browser.refresh()), 'a refresh token').toBe(false);
    }
  };
  const isAlive = async (browser: TestBrowser): Promise<void> => {
    await browser.call().user.me();
    await browser.refresh();
    await browser.call().user.me();
  };

  /** Starts the two so that either may be first, by up to three turns. */
  const race = async (
    round: number,
    one: () => Promise<unknown>,
    other: () => Promise<unknown>,
  ): Promise<boolean[]> => {
    const lead = (round % 7) - 3;
    return await Promise.all([
      turns(Math.max(0, lead)).then(() => settles(one())),
      turns(Math.max(0, -lead)).then(() => settles(other())),
    ]);
  };

  test(
    'a logout ends the session, whatever a refresh of it hands out meanwhile',
    async () => {
      for (let round = 0; round < TIMES; round += 1) {
        const { owner } = await someoneDue();
        const [tab, before] = [copyOf(owner), copyOf(owner)];
        const [, isLoggedOut] = await race(
          round,
          () => tab.refresh(),
          () => owner.call().auth.logout(),
        );
        expect(isLoggedOut).toBe(true);
        await isDead(tab, before);
      }
    },
    LONG,
  );

  test(
    'a login ends the session that it replaces and starts one that lives, whatever a refresh does meanwhile',
    async () => {
      for (let round = 0; round < TIMES; round += 1) {
        const { name, owner } = await someoneDue();
        const [tab, before] = [copyOf(owner), copyOf(owner)];
        const [, isSignedIn] = await race(
          round,
          () => tab.refresh(),
          () => owner.login(name),
        );
        expect(isSignedIn).toBe(true);
        expect(owner.cookies.get(HINT)).not.toEqual(before.cookies.get(HINT));
        await isDead(tab, before);
        await isAlive(owner);
      }
    },
    LONG,
  );

  test(
    '“end session” from another device ends it, whatever a refresh does meanwhile',
    async () => {
      for (let round = 0; round < TIMES; round += 1) {
        const { name, owner } = await someoneDue();
        const phone = kit.openBrowser();
        await phone.login(name);
        const other = (await phone.call().sessions.list()).find(({ current }) => !current);
        const before = copyOf(owner);
        const [, isEnded] = await race(
          round,
          () => owner.refresh(),
          () => phone.call().sessions.revoke({ id: other?.id ?? '' }),
        );
        expect(isEnded).toBe(true);
        await isDead(owner, before);
        await isAlive(phone);
      }
    },
    LONG,
  );

  test(
    '“end all others” ends them, and not the one that asks',
    async () => {
      for (let round = 0; round < TIMES; round += 1) {
        const { name, owner } = await someoneDue();
        const phone = kit.openBrowser();
        await phone.login(name);
        const before = copyOf(owner);
        const [, isEnded] = await race(
          round,
          () => owner.refresh(),
          () => phone.call().sessions.revokeOthers(),
        );
        expect(isEnded).toBe(true);
        await isDead(owner, before);
        await isAlive(phone);
      }
    },
    LONG,
  );

  test(
    'a reuse ends the session for the one who refreshes meanwhile as well',
    async () => {
      for (let round = 0; round < TIMES; round += 1) {
        const { owner } = await someoneDue();
        const thief = copyOf(owner);
        await thief.refresh();
        kit.clock.advance(DAY);
        await owner.refresh();
        kit.clock.advance(DAY);
        const [, isThiefAnswered] = await race(
          round,
          () => owner.refresh(),
          () => thief.refresh(),
        );
        expect(isThiefAnswered).toBe(false);
        await isDead(owner, thief);
      }
    },
    LONG,
  );

  test(
    'of two tabs that refresh at once nobody loses: both live on, with one successor',
    async () => {
      for (let round = 0; round < TIMES; round += 1) {
        const { owner } = await someoneDue();
        const tab = copyOf(owner);
        expect(
          await race(
            round,
            () => owner.refresh(),
            () => tab.refresh(),
          ),
        ).toEqual([true, true]);
        expect(tab.cookies.get(REFRESH)).toEqual(owner.cookies.get(REFRESH));
        await isAlive(owner);
        await isAlive(tab);
      }
    },
    LONG,
  );

  test(
    'two logins over one session end it once, and both live',
    async () => {
      for (let round = 0; round < TIMES; round += 1) {
        const { name, owner } = await someoneDue();
        const [tab, before] = [copyOf(owner), copyOf(owner)];
        expect(
          await race(
            round,
            () => owner.login(name),
            () => tab.login(name),
          ),
        ).toEqual([true, true]);
        await isDead(before);
        await isAlive(owner);
        await isAlive(tab);
      }
    },
    LONG,
  );

  test(
    'of a login and a logout over one session the old one is dead, and the new one lives',
    async () => {
      for (let round = 0; round < TIMES; round += 1) {
        const { name, owner } = await someoneDue();
        const [tab, before] = [copyOf(owner), copyOf(owner)];
        expect(
          await race(
            round,
            () => owner.login(name),
            () => tab.call().auth.logout(),
          ),
        ).toEqual([true, true]);
        await isDead(before);
        await isAlive(owner);
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
        const won = await race(
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
