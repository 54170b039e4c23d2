import { expect, test } from 'vitest';
import { tableOf } from './markdown.ts';

const one = (value: number) => ({ median: value, min: value, max: value });

test('a row tells both sides, the ratio and whether the target was reached', () => {
  const table = tableOf([
    {
      what: 'protected query',
      unit: 'CPU time a call, µs',
      ours: { median: 104, min: 99.6, max: 1234.5 },
      comparedWith: 'public query',
      theirs: one(100),
      ratio: { median: 1.0451, min: 0.99, max: 1.2 },
      target: { atMost: 1.04 },
    },
  ]);
  expect(table.split('\n').at(-1)).toBe(
    '| protected query | CPU time a call, µs | 104 (99.6 to 1,235) | public query | 100 | 1.05 (0.99 to 1.2) | at most 1.04: **missed** |',
  );
});

test('a figure that is compared with nothing is judged by itself', () => {
  expect(tableOf([{ what: 'start', unit: 'ms', ours: one(0), target: { atMost: 1000 } }])).toContain(
    '| start | ms | 0 |  |  |  | at most 1,000: reached |',
  );
  expect(tableOf([{ what: 'memory', unit: 'MB', ours: one(61.25) }])).toContain('| 61.3 |  |  |  | report |');
});

test('what is judged is the figure that is shown', () => {
  const row = { what: 'a', unit: 'ms', ours: one(1.0449) };
  expect(tableOf([{ ...row, target: { atMost: 1.04 } }])).toContain('| 1.04 |  |  |  | at most 1.04: reached |');
  expect(tableOf([{ ...row, target: { atLeast: 1.05 } }])).toContain('at least 1.05: **missed** |');
});

test('a note stands under the table, once', () => {
  const row = { what: 'a|b', unit: 'ms', ours: one(1), note: 'On a full moon.' };
  expect(tableOf([row, row]).match(/On a full moon/g)).toHaveLength(1);
  expect(tableOf([row])).toContain('| a\\|b |');
});
