import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTestAuth, type TestAuth, type TestBrowser } from '#testing/auth.ts';
import { createTestClock } from '#testing/clock.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';

const SECOND = 1000;
const LEEWAY = 30 * SECOND;
const DAY = 24 * 60 * 60 * SECOND;

describe.each(eachStore)('on $dialect, while time goes by between any two looks at the clock,', ({ open }) => {
  const clock = createTestClock();
  let store: TestStore;
  let kit: TestAuth;
  let browser: TestBrowser;

  beforeEach(async () => {
    store = await open();
    const now = (): number => {
      clock.advance(1);
      return clock.now();
    };
    kit = await createTestAuth(store, { clock: { ...clock, now } });
    browser = kit.openBrowser();
    await browser.register('ada');
    clock.advance(DAY);
  });
  afterEach(async () => {
    await kit.stop();
    await store.remove();
  });

  const copyOf = (original: TestBrowser): TestBrowser => {
    const copy = kit.openBrowser();
    for (const [cookie, values] of original.cookies) copy.cookies.set(cookie, values);
    return copy;
  };
  const copiesOf = (original: TestBrowser, many: number) => Array.from({ length: many }, () => copyOf(original));
  const outcomes = () => kit.events.flatMap((event) => (event.event === 'session.refreshed' ? [event.how] : []));

  test('a hundred at once with one token rotate once, and everyone is answered', async () => {
    await Promise.all(copiesOf(browser, 100).map((tab) => tab.refresh()));
    expect(outcomes().toSorted()).toEqual([...Array<string>(99).fill('replay'), 'rotate']);
  });

  test('whoever floods it with an old token keeps nobody from rotating, and is found out', async () => {
    const old = copyOf(browser);
    await browser.refresh();
    // The window is kept open beyond its longest: whoever has the newest token rotates in the middle of the flood.
    for (let round = 0; round < 4; round += 1) {
      clock.advance(LEEWAY - SECOND);
      await copyOf(old).refresh();
    }
    clock.advance(5 * SECOND);
    kit.events.length = 0;
    const flood = [...copiesOf(old, 30), browser, ...copiesOf(old, 30)];
    await Promise.allSettled(flood.map((tab) => tab.refresh()));
    expect(outcomes().filter((how) => how !== 'replay')).toEqual(['rotate']);
    expect(kit.events).toContainEqual(expect.objectContaining({ event: 'session.ended', cause: 'reuse' }));
    await expect(browser.refresh()).rejects.toMatchObject({ message: expect.stringContaining('ended') });
  });
});
