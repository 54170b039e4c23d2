import { afterEach, describe, expect, test } from 'vitest';
import { createStore } from '#server/database/index.ts';
import { createTestAuth, TEST_PASSWORD, type TestAuth } from '#testing/auth.ts';
import { createTestClock } from '#testing/clock.ts';
import { eachStore } from '#testing/each-store.ts';
import { waitsOf } from '../../limits/rate-limit.ts';
import { reasonOf } from '../../refusal.ts';
import { PASSWORD_LIMITS } from './password-limits.ts';

const SECOND = 1000;
const DAY = 24 * 60 * 60 * SECOND;
const NOW = Date.UTC(2026, 0, 1, 12);

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

const HOUR = 60 * 60 * SECOND;
const RIGHT = { username: 'ada', password: TEST_PASSWORD };
const WRONG = { username: 'ada', password: 'not the password' };
const login = (kit: TestAuth, input: typeof RIGHT) =>
  kit
    .openBrowser()
    .call()
    .auth.login(input)
    .then(() => 'let in', reasonOf);

describe.each(eachStore)('on $dialect', ({ open }) => {
  /** So many processes on one store, the clock of each so many milliseconds off, and an account. */
  const openProcesses = async (offsets: readonly number[]): Promise<TestAuth[]> => {
    const store = await open();
    cleanUps.push(() => store.remove());
    const kits: TestAuth[] = [];
    for (const offset of offsets) {
      const database = kits.length === 0 ? store.database : createStore(store.location);
      if (kits.length > 0) cleanUps.push(() => database.close());
      const clock = createTestClock(NOW + offset);
      const kit = await createTestAuth({ database }, { rateLimit: true, clock });
      cleanUps.push(() => kit.stop());
      kits.push(kit);
    }
    await kits[0]?.openBrowser().register('ada');
    return kits;
  };

  test('two processes count the same attempts', async () => {
    const kits = await openProcesses([0, 0]);
    const answers: unknown[] = [];
    for (let round = 0; round < 4; round += 1) for (const kit of kits) answers.push(await login(kit, WRONG));
    expect(answers.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => 'invalid_credentials'));
    expect(answers.slice(5)).toEqual(['rate_limited', 'rate_limited', 'rate_limited']);
  });

  test('a free attempt on a process whose clock is ahead costs no wait on another', async () => {
    const [here, ahead] = await openProcesses([0, 2 * SECOND]);
    if (here === undefined || ahead === undefined) throw new Error('There are two.');
    for (let time = 0; time < 2; time += 1) expect(await login(ahead, WRONG)).toBe('invalid_credentials');
    expect(await login(here, RIGHT)).toBe('let in');
  });

  test.each([HOUR / 2, HOUR, 30 * DAY])(
    'attempts that a clock %i ms ahead has counted lock nobody out, here or once it is right again',
    async (offset) => {
      const [here, ahead] = await openProcesses([0, offset]);
      if (here === undefined || ahead === undefined) throw new Error('There are two.');
      for (let time = 0; time < 5; time += 1) expect(await login(ahead, WRONG)).toBe('invalid_credentials');
      expect(await login(ahead, RIGHT)).toBe('rate_limited');
      expect(await login(here, RIGHT)).toBe('let in');
    },
  );
});

test('an account takes at most a hundred failures a month, from the patient too', () => {
  const { account } = PASSWORD_LIMITS;
  const waits = waitsOf(account);
  /** How many a day, by whoever tries so often in a row, then pauses until that is forgotten, and begins again. */
  const rates = Array.from({ length: 100 }, (_, waited) => {
    const taken = Array.from({ length: waited }, (_wait, index) => waits[index] ?? account.maxWaitMs);
    const round = taken.reduce((sum, wait) => sum + wait, account.forgetAfterMs);
    return ((account.burst + waited) * DAY) / round;
  });
  // The last row needs no pause behind it.
  expect(Math.max(...rates) * (30 + account.forgetAfterMs / DAY)).toBeLessThanOrEqual(100);
});
