import { expect, test } from 'vitest';
import { percentile, ratiosOf, spreadOf } from './statistics.ts';

test('a percentile is the smallest measured value that so many do not exceed', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(percentile(hundred, 0.99)).toBe(99);
  expect(percentile(hundred, 0.5)).toBe(50);
  expect(percentile([7], 0.99)).toBe(7);
  expect(percentile([10, 9], 0)).toBe(9);
});

test('values are ordered as numbers', () => {
  expect(spreadOf([10, 9, 100])).toEqual({ median: 10, min: 9, max: 100 });
});

test('the median of an even number of values lies between the middle two', () => {
  expect(spreadOf([4, 1, 3, 2])).toEqual({ median: 2.5, min: 1, max: 4 });
});

test('there is nothing to say of no values', () => {
  expect(() => spreadOf([])).toThrow(RangeError);
});

test('ratios are taken round by round, so that a slow round of both changes nothing', () => {
  expect(ratiosOf([10, 100, 12], [5, 50, 6])).toEqual([2, 2, 2]);
});
