import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { createMark } from './mark.ts';

test('a mark is found by another copy of the module, and can be put anew', () => {
  const error = new Error('marked');
  createMark<string>('mark-test').put(error, 'first');
  createMark<string>('mark-test').put(error, 'second');
  expect(createMark<string>('mark-test').of(error)).toBe('second');
  expect(createMark<string>('another-test').of(error)).toBeUndefined();
});

test('no log shows it, and no copy takes it along', () => {
  const mark = createMark<string>('mark-test');
  const object = { name: 'ada' };
  mark.put(object, 'canary');
  expect(inspect(object) + JSON.stringify(object)).not.toContain('canary');
  expect(mark.of({ ...object })).toBeUndefined();
  expect(mark.of(Object.assign(new Error('a copy'), object))).toBeUndefined();
});

test('what takes no more properties stays without', () => {
  const mark = createMark<string>('mark-test');
  const frozen = Object.freeze({});
  mark.put(frozen, 'first');
  expect(mark.of(frozen)).toBeUndefined();
});
