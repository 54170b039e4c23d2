import { TRPCClientError } from '@trpc/client';
import { expect, test } from 'vitest';
import {
  causeOf,
  fieldsOf,
  IdentityChangedError,
  isIdentityChanged,
  isOffline,
  OfflineError,
  reasonOf,
} from './errors.ts';
import { retryUnlessRefused } from './retry.ts';

const refusedWith = (data: Record<string, unknown>) =>
  TRPCClientError.from({
    error: { message: 'No.', code: -32001, data: { code: 'UNAUTHORIZED', httpStatus: 401, ...data } },
  });
const offline = TRPCClientError.from(new OfflineError());
const changed = TRPCClientError.from(new IdentityChangedError());
const network = TRPCClientError.from(new TypeError('Failed to fetch'));

test('a reason and its cause are read from what the server said', () => {
  expect(reasonOf(refusedWith({ reason: 'session_revoked' }))).toBe('session_revoked');
  expect(causeOf(refusedWith({ reason: 'session_revoked', cause: 'reuse' }))).toBe('reuse');
  expect(reasonOf(TRPCClientError.from(new OfflineError(refusedWith({ reason: 'rate_limited' }))))).toBe(
    'rate_limited',
  );
});

test('reasons and causes that this version does not know are read as well', () => {
  const error = refusedWith({ reason: 'plan_required', cause: 'passkey_removed' });
  expect([reasonOf(error), causeOf(error)]).toEqual(['plan_required', 'passkey_removed']);
});

test('what nobody said is undefined', () => {
  for (const error of [undefined, null, 'x', new Error('x'), offline, network, refusedWith({ reason: 1, cause: 1 })]) {
    expect([reasonOf(error), causeOf(error), fieldsOf(error)]).toEqual([undefined, undefined, undefined]);
  }
});

test('errors that cause themselves are read to their end', () => {
  const error = new Error('x');
  error.cause = error;
  expect(isOffline(error)).toBe(false);
});

test('field errors are given as they came, or not at all', () => {
  const fields = { formErrors: [], fieldErrors: { username: ['Use at least 3 characters.'], email: undefined } };
  expect(fieldsOf(refusedWith({ fields }))).toEqual(fields);
  expect(fieldsOf(refusedWith({ fields: { formErrors: [1], fieldErrors: {} } }))).toBeUndefined();
});

test('offline and a changed user are told apart', () => {
  expect([offline, changed, network].map(isOffline)).toEqual([true, false, false]);
  expect([offline, changed, network].map(isIdentityChanged)).toEqual([false, true, false]);
});

test('a query is retried after a failure of the network or the server, never after a refusal', () => {
  const attempts = (error: unknown): number =>
    [0, 1, 2, 3, 4].filter((count) => retryUnlessRefused(count, error)).length;
  expect(attempts(network)).toBe(3);
  expect(attempts(offline)).toBe(3);
  expect(attempts(refusedWith({ httpStatus: 503, reason: 'unavailable' }))).toBe(3);
  expect(attempts(refusedWith({ reason: 'access_token_expired' }))).toBe(0);
  expect(attempts(refusedWith({ httpStatus: 429, reason: 'rate_limited' }))).toBe(0);
  expect(attempts(changed)).toBe(0);
});
