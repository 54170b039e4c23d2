import { afterEach, describe, expect, test } from 'vitest';
import { openDatabase } from '#server/database/index.ts';
import { createTestAuth, type TestAuth } from '#testing/auth.ts';
import { eachStore } from '#testing/each-store.ts';
import { RATE_LIMITS, waitsOf } from './rate-limits.ts';
import { reasonOf } from './refusal.ts';

const DAY = 24 * 60 * 60 * 1000;

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

describe.each(eachStore)('on $dialect', ({ open }) => {
  test('two processes count the same tries', async () => {
    const store = await open();
    cleanUps.push(() => store.remove());
    const database = await openDatabase(store.location);
    cleanUps.push(() => database.close());
    const kits: TestAuth[] = [];
    for (const one of [store.database, database]) {
      const kit = await createTestAuth({ database: one, location: store.location }, { rateLimit: true });
      cleanUps.push(() => kit.stop());
      kits.push(kit);
    }
    await kits[0]?.openBrowser().register('ada');

    const answers: unknown[] = [];
    for (let round = 0; round < 4; round += 1) {
      for (const kit of kits) {
        const call = kit.openBrowser().call();
        answers.push(
          await call.auth.login({ username: 'ada', password: 'not the password' }).then(() => 'let in', reasonOf),
        );
      }
    }
    expect(answers.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => 'invalid_credentials'));
    expect(answers.slice(5)).toEqual(['rate_limited', 'rate_limited', 'rate_limited']);
  });
});

test('an account takes at most a hundred failures a month, from the patient too', () => {
  const { account } = RATE_LIMITS;
  const waits = waitsOf(account);
  /** How many a day, by whoever tries so often in a row, then pauses until that is forgotten, and begins again. */
  const rates = Array.from({ length: 100 }, (_, waited) => {
    const taken = Array.from({ length: waited }, (_wait, index) => waits[index] ?? account.longestWait);
    const round = taken.reduce((sum, wait) => sum + wait, account.forgetAfter);
    return ((account.burst + waited) * DAY) / round;
  });
  // The last row needs no pause behind it.
  expect(Math.max(...rates) * (30 + account.forgetAfter / DAY)).toBeLessThanOrEqual(100);
});
