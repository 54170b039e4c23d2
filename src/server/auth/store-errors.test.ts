import { expect, test } from 'vitest';
import { isStoreUnavailable } from './store-errors.ts';

const withCode = (code: string) => Object.assign(new Error('words'), { code });

test.each([
  '08006',
  '28P01',
  '3D000',
  '53300',
  '57P01',
  '57014',
  '58030',
  '40001',
  '40P01',
  '40003',
  '25006',
  '25P03',
  'ECONNREFUSED',
  'ECONNRESET',
  'EMFILE',
  'SQLITE_BUSY',
  'SQLITE_IOERR_FSYNC',
  'SQLITE_FULL',
])('the code %s says that the store cannot be asked', (code) => {
  expect(isStoreUnavailable(withCode(code))).toBe(true);
});

test.each(['23505', '42P01', '22P02', 'SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_ERROR', 'ERR_INVALID_ARG_TYPE'])(
  'the code %s says that the question was wrong',
  (code) => {
    expect(isStoreUnavailable(withCode(code))).toBe(false);
  },
);

test('an error of pg without a code, and several addresses that all refuse, count as well', () => {
  expect(isStoreUnavailable(new Error('Connection terminated unexpectedly'))).toBe(true);
  expect(isStoreUnavailable(new Error('Client was closed and is not queryable'))).toBe(true);
  expect(isStoreUnavailable(new Error('timeout exceeded when trying to connect'))).toBe(true);
  expect(isStoreUnavailable(new AggregateError([withCode('ECONNREFUSED'), withCode('ECONNREFUSED')]))).toBe(true);
  expect(isStoreUnavailable(new Error('anything else'))).toBe(false);
  expect(isStoreUnavailable(undefined)).toBe(false);
});
