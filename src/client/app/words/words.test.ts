import { TRPCClientError } from '@trpc/client';
import { IdentityChangedError, OfflineError } from 'latchkey/client';
import { MAIL_REASONS, PASSWORD_REASONS, REASONS, type Reason } from 'latchkey/shared';
import { expect, test } from 'vitest';
import { failure, failureWithoutReference, refusal, refusedFields } from '../testing/refusal.ts';
import { explain } from './explain.ts';
import { sessionEndWords } from './session-end.ts';
import { waitWords } from './wait.ts';
import { whenWords, whenWordsByHour } from './when.ts';

const ALL_REASONS: Readonly<Record<Reason, unknown>> = { ...REASONS, ...PASSWORD_REASONS, ...MAIL_REASONS };
const isReason = (name: string): name is Reason => name in ALL_REASONS;
const REASON_NAMES = Object.keys(ALL_REASONS).filter(isReason);

test.each(REASON_NAMES)('%s is told in a sentence that names nothing of the machinery', (reason) => {
  const { text, reference } = explain(refusal(reason));
  expect(text).toMatch(/^[A-Z].*\.$/);
  expect(text).not.toMatch(/token|refresh|_/i);
  expect(reference).toBeUndefined();
});

test('the end of a session is told by its cause, and by its reason where the cause is not known', () => {
  const words = (cause: string) => sessionEndWords({ reason: 'session_revoked', cause });
  expect(words('password_changed')).toMatch(/^Your password was changed/);
  for (const cause of ['passkey_removed', 'constructor'])
    expect(words(cause)).toBe('Your session was ended. Sign in to continue.');
  expect(sessionEndWords({ reason: 'signed_out' })).toBe('You are signed out.');
});

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
  expect(explain(new OfflineError()).text).toMatch(/could not be reached/);
  expect(explain(new IdentityChangedError()).text).toMatch(/signed out/);
  expect(explain(failure('INTERNAL_SERVER_ERROR')).text).toMatch(/Quote this reference/);
  expect(explain(failureWithoutReference()).text).not.toMatch(/reference/);
});

const unreadable = new Error('Unable to transform response from server');

test.each([
  ['Chromium without a network', new TypeError('Failed to fetch'), /did not answer/],
  ['Firefox without a network', new TypeError('NetworkError when attempting to fetch resource.'), /did not answer/],
  ['Safari without a network', new TypeError('Load failed'), /did not answer/],
  ['Safari without a connection', new TypeError('The network connection was lost.'), /did not answer/],
  ['Node.js without a network', new TypeError('fetch failed'), /did not answer/],
  ['a page of a proxy', new SyntaxError('Unexpected token < in JSON'), /did not answer/],
  ['an answer in another form', unreadable, /could not be read/],
  ['a function that is not there', new TypeError('crypto.randomUUID is not a function'), /in this page/],
  ['an input that cannot be sent', new TypeError('Do not know how to serialize a BigInt'), /in this page/],
  ['a link that refuses to send', new Error('FormData is only supported for mutations'), /in this page/],
  ['a broken invariant', new RangeError('Invalid array length'), /in this page/],
])('%s is told for what it is', (_, cause, words) => {
  expect(explain(TRPCClientError.from(cause)).text).toMatch(words);
});

test('what is thrown past the client is never a matter of the network', () => {
  for (const error of [undefined, new TypeError('x is not a function'), new Error('x'), 'x']) {
    expect(explain(error).text).toBe('Something went wrong in this page. Reload it and try again.');
  }
});

test('who opened the app at another address is told the right one, if it is one', () => {
  const told = (address: string) => explain(refusal('origin_not_allowed', { address })).text;
  expect(told('http://localhost:3000')).toContain('its own address, http://localhost:3000, and');
  expect(told('javascript:alert(1)')).not.toContain('javascript');
  expect(explain(refusal('origin_not_allowed')).text).toMatch(/own address/);
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
