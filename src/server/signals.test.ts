import { expect, test } from 'vitest';
import { createSignalReader } from './signals.ts';

test('what comes with the first signal is the same one, however often it comes, and only what comes later is somebody in a hurry', () => {
  let now = 1_000_000;
  const read = createSignalReader(() => now);
  const after = (milliseconds: number) => {
    now += milliseconds;
    return read();
  };
  expect(after(0)).toBe('stop');
  expect([after(0), after(1), after(1_000), after(998)]).toEqual(['repeated', 'repeated', 'repeated', 'repeated']);
  expect([after(1), after(0), after(60_000)]).toEqual(['hurry', 'hurry', 'hurry']);
});
