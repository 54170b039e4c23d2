import type { AuthEvent } from 'latchkey/server';
import { expect, test } from 'vitest';
import { levelOf } from './event-level.ts';

const session = { requestId: 'r1', ip: null, userAgent: null, userId: 'u1', sessionId: 's1' };
const level = (event: AuthEvent): string => levelOf(event);

test('a copied token and a store that loses writes are told to who reads warnings alone', () => {
  expect(level({ event: 'session.ended', cause: 'reuse', ...session })).toBe('warn');
  expect(level({ event: 'session.refreshed', how: 'recover', ...session })).toBe('warn');
  expect(level({ event: 'session.forked', forks: 3, ...session })).toBe('warn');
});

test('everyday events are not', () => {
  expect(level({ event: 'session.ended', cause: 'logout', ...session })).toBe('info');
  for (const how of ['rotate', 'replay', 'fork'] as const) {
    expect(level({ event: 'session.refreshed', how, ...session })).toBe('info');
  }
  expect(
    level({ event: 'login.refused', reason: 'invalid_credentials', requestId: 'r1', ip: null, userAgent: null }),
  ).toBe('info');
});
