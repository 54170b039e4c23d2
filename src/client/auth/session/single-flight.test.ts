import { expect, test } from 'vitest';
import { isOffline } from '../errors.ts';
import { createTestClock } from '../testing/clock.ts';
import { createSingleFlight } from './single-flight.ts';

test('an attempt that throws is a defect and no matter of the network, keeps nobody waiting, and is retried', async () => {
  const clock = createTestClock();
  const defect = new RangeError('The engine is broken.');
  const settled: boolean[] = [];
  let attempts = 0;
  const flight = createSingleFlight(
    { setTimer: clock.setTimer, random: () => 0 },
    () => {
      attempts += 1;
      return attempts === 1 ? Promise.reject(defect) : Promise.resolve(null);
    },
    (failing) => settled.push(failing),
  );

  const failures = await Promise.all([flight.run(), flight.run()]);
  for (const failure of failures) {
    expect(failure).toBe(defect);
    expect(isOffline(failure)).toBe(false);
  }
  await clock.advance(1_000);
  expect([attempts, settled]).toEqual([2, [true, false]]);
});
