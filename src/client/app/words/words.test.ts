import { expect, test } from 'vitest';
import { IdentityChangedError, OfflineError } from '#client/auth/index.ts';
import { isReason, REASONS } from '#shared/auth/index.ts';
import { failure, failureWithoutReference, refusal, refusedFields } from '../testing/refusal.ts';
import { explain } from './explain.ts';
import { waitWords } from './wait.ts';
import { whenWords, whenWordsByHour } from './when.ts';

test.each(Object.keys(REASONS).filter(isReason))(
  '%s is told in a sentence that names nothing of the machinery',
  (reason) => {
    const { text, reference } = explain(refusal(reason));
    expect(text).toMatch(/^[A-Z].*\.$/);
    expect(text).not.toMatch(/token|refresh|_/i);
    expect(reference).toBeUndefined();
  },
);

test('a limit says how long to wait', () => {
  expect(explain(refusal('rate_limited', { retryAfter: 42 })).text).toContain('42 seconds');
  expect(explain(refusal('rate_limited')).text).toContain('Wait a little');
  expect([1, 119.2, 120, 121, 900, 7200, 7201, 86_400].map(waitWords)).toEqual([
    '1 second',
    '120 seconds',
    '120 seconds',
    '3 minutes',
    '15 minutes',
    '120 minutes',
    '3 hours',
    '24 hours',
  ]);
});

test('what nobody expected carries its reference, and what the connection did carries none', () => {
  expect(explain(failure('INTERNAL_SERVER_ERROR')).reference).toBe('request-1');
  expect(explain(refusedFields({ text: ['Too long.'] })).reference).toBe('request-1');
  expect(explain(failure('NOT_FOUND')).text).toMatch(/not there any more/);
  expect(explain(new TypeError('Failed to fetch'))).toEqual({
    text: 'The server did not answer. Check your connection and try again.',
  });
  expect(explain(new OfflineError()).text).toMatch(/could not be reached/);
  expect(explain(new IdentityChangedError()).text).toMatch(/signed out/);
  expect(explain(failure('INTERNAL_SERVER_ERROR')).text).toMatch(/the reference below/);
  expect(explain(failureWithoutReference()).text).not.toMatch(/reference/);
  expect(explain(undefined).text).toMatch(/did not answer/);
});

test('times are told in words, and never in the future', () => {
  const now = new Date('2026-03-10T12:00:00');
  const at = (text: string) => whenWords(new Date(text), now);
  expect(at('2026-03-10T12:05:00')).toBe('just now');
  expect(at('2026-03-10T11:59:30')).toBe('just now');
  expect(at('2026-03-10T11:55:00')).toBe('5 minutes ago');
  expect(at('2026-03-10T09:00:00')).toBe('3 hours ago');
  expect(at('2026-03-09T09:00:00')).toBe('yesterday');
  expect(at('2026-02-01T09:00:00')).toBe('February 1');
  expect(at('2025-02-01T09:00:00')).toBe('February 1, 2025');
  expect(whenWordsByHour(new Date('2026-03-10T12:00:00'), now)).toBe('within the last hour');
  expect(whenWordsByHour(new Date('2026-03-10T10:00:00'), now)).toBe('2 hours ago');
});
