import { expect, test } from 'vitest';
import { createTestLog } from '#testing/log.ts';
import { createEventLog } from './event-log.ts';

const from = (requestId: string) => ({ requestId, ip: '192.0.2.1', userAgent: null });
const refusal = (requestId: string, reason: string, procedure = 'notes.list') => ({
  event: 'access.refused' as const,
  reason,
  procedure,
  ...from(requestId),
});

const openLog = () => {
  const { log, records } = createTestLog();
  const deferred: (() => void)[] = [];
  const write = createEventLog(log, (run) => deferred.push(run));
  return { write, records, runDeferred: () => deferred.splice(0).map((run) => run()).length };
};

test('twenty calls of a request that are refused for one reason are one line, with how many they were', () => {
  const { write, records, runDeferred } = openLog();
  for (let call = 0; call < 20; call += 1) write(refusal('r1', 'access_token_missing'));
  write(refusal('r1', 'role_required', 'user.list'));
  write(refusal('r2', 'access_token_missing'));
  expect(records()).toEqual([]);
  expect(runDeferred()).toBe(1);
  expect(records()).toMatchObject([
    { requestId: 'r1', reason: 'access_token_missing', procedure: 'notes.list', calls: 20 },
    { requestId: 'r1', reason: 'role_required', procedure: 'user.list' },
    { requestId: 'r2', reason: 'access_token_missing' },
  ]);
  expect(records()[1]).not.toHaveProperty('calls');

  write(refusal('r1', 'access_token_missing'));
  expect(runDeferred()).toBe(1);
  expect(records()).toHaveLength(4);
});

test('what changed something, or was tried with a password or a cookie, is a line each, at once', () => {
  const { write, records, runDeferred } = openLog();
  const session = { userId: 'u1', sessionId: 's1', ...from('r1') };
  for (let time = 0; time < 3; time += 1) {
    write({ event: 'session.ended', cause: 'logout', ...session });
    write({ event: 'login.refused', reason: 'invalid_credentials', ...from('r1') });
    write({ event: 'refresh.refused', reason: 'refresh_token_invalid', ...from('r1') });
  }
  expect(records()).toHaveLength(9);
  expect(runDeferred()).toBe(0);
});
