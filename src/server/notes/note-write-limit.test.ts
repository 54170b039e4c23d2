import { expect, test } from 'vitest';
import { createNoteWriteLimit, NOTE_WRITES } from './note-write-limit.ts';

const SECOND = 1000;

const open = () => {
  let now = 5 * SECOND;
  const limit = createNoteWriteLimit({ monotonicNow: () => now });
  /** How many of so many changes are admitted, and why no more. */
  const write = (userId: string, count: number) => {
    let admitted = 0;
    for (let time = 0; time < count; time += 1) {
      try {
        limit.admit(userId);
        admitted += 1;
      } catch (error) {
        return { admitted, error };
      }
    }
    return { admitted };
  };
  return {
    limit,
    write,
    advance: (milliseconds: number) => {
      now += milliseconds;
    },
  };
};

test('a person makes so many changes at once, then so many a second, and another person as many', () => {
  const { write, advance } = open();
  const error = { code: 'TOO_MANY_REQUESTS', cause: { reason: 'rate_limited', details: { retryAfter: 1 } } };
  expect(write('ada', 10_000)).toMatchObject({ admitted: NOTE_WRITES.atOnce, error });
  expect(write('ada', 1)).toMatchObject({ admitted: 0, error });
  for (let second = 0; second < 5; second += 1) {
    advance(SECOND);
    expect(write('ada', 10_000)).toMatchObject({ admitted: NOTE_WRITES.aSecond, error });
  }
  expect(write('bob', NOTE_WRITES.atOnce)).toEqual({ admitted: NOTE_WRITES.atOnce });
});

test('a person who rests starts afresh, and is forgotten', () => {
  const { limit, write, advance } = open();
  for (let user = 0; user < 100; user += 1) write(`user ${user}`, user % 7);
  expect(limit.size()).toBeLessThanOrEqual(100);
  write('ada', 10_000);
  advance((NOTE_WRITES.atOnce / NOTE_WRITES.aSecond) * SECOND);
  expect(write('ada', 10_000).admitted).toBe(NOTE_WRITES.atOnce);
  expect(limit.size()).toBe(1);
});
