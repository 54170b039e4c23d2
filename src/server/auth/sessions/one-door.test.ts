import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
  (path) => path.endsWith('.ts') && !/\.(?:test|test-d|fixture)\.ts$/.test(path),
);

/** How often each file of the server says so. */
const countOf = (pattern: RegExp): Record<string, number> =>
  Object.fromEntries(
    files
      .map((path) => [path, readFileSync(join(root, path), 'utf8').match(pattern)?.length ?? 0] as const)
      .filter(([, count]) => count > 0),
  );

test('every way in ends at one door: a new one is a new line here', () => {
  expect(countOf(/(?:\bawait|\breturn|=>) (?:core\.)?admit\(/g)).toEqual({
    'auth/features/mail/verify-email.ts': 2,
    'auth/features/passwords/password-routers.ts': 2,
  });
  expect(countOf(/from '.*sessions\/admit\.ts'|from '\.\/admit\.ts'/g)).toEqual({
    // To hand it to features, those of an app among them.
    'auth/create-auth.ts': 1,
    'auth/feature.ts': 1,
    'auth/features/mail/verify-email.ts': 1,
    'auth/features/passwords/password-routers.ts': 1,
    // Only for the session that a cookie names.
    'auth/sessions/auth-router.ts': 1,
  });
});

test('a session starts behind that door alone, and its row is written by its start alone', () => {
  expect(countOf(/sessionsSlot\s*\.of\([^)]*\)\s*\.start\(/g)).toEqual({ 'auth/sessions/admit.ts': 1 });
  expect(countOf(/insertInto\('auth_sessions'\)|insert\s+into\s+auth_sessions/gi)).toEqual({
    'auth/sessions/session-store.ts': 1,
  });
  expect(countOf(/\bmakeSession\(request\b/g)).toEqual({
    'auth/sessions/renewing.ts': 1,
    'auth/sessions/sessions.ts': 1,
  });
});
