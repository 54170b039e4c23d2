import { expect, test } from 'vitest';
import { createTestKeys } from '#testing/auth.ts';
import type { AuthOptions } from './auth-options.ts';
import { createAuth } from './create-auth.ts';
import { sqlite } from './sqlite.ts';

const createWith = (options: Partial<AuthOptions>) => {
  const database = sqlite(':memory:');
  return createAuth({ database, publicUrl: 'https://app.example', ...createTestKeys(), features: [], ...options });
};

const ORIGINS = /^ALLOWED_ORIGINS \(allowedOrigins\) must be a list of origins, .*\.$/;

test.each([
  [{ allowedOrigins: ['https://*.example.com'] }, ORIGINS],
  [{ allowedOrigins: ['https://good.example', 'https://app.example.com/x'] }, ORIGINS],
  [{ allowedOrigins: ['https://app.example.com/'] }, ORIGINS],
  [{ allowedOrigins: ['app.example.com'] }, ORIGINS],
  [{ allowedOrigins: ['*'] }, ORIGINS],
  [
    { allowedOrigins: ['http://good.example'] },
    /^ALLOWED_ORIGINS \(allowedOrigins\) must have https origins alone, .*\.$/,
  ],
  [{ publicUrl: 'ftp://app.example' }, /^PUBLIC_URL \(publicUrl\) must be the address that people open, .*\.$/],
  [{ publicUrl: 'app.example' }, /^PUBLIC_URL \(publicUrl\) must be/],
  [{ publicUrl: 'https://app.example/app' }, /^PUBLIC_URL \(publicUrl\) must be/],
  [{ publicUrl: 'https://*.example' }, /^PUBLIC_URL \(publicUrl\) must be/],
  [{ accessTokenTtl: -5 }, /^ACCESS_TOKEN_TTL \(accessTokenTtl\) must be a positive number of seconds\.$/],
  [{ accessTokenTtl: 0 }, /^ACCESS_TOKEN_TTL \(accessTokenTtl\) must be/],
  [{ accessTokenTtl: Number.NaN }, /^ACCESS_TOKEN_TTL \(accessTokenTtl\) must be/],
  [{ sessionIdleTtl: Number.NaN }, /^SESSION_IDLE_TTL \(sessionIdleTtl\) must be a positive number of seconds\.$/],
  [{ sessionIdleTtl: Number.POSITIVE_INFINITY }, /^SESSION_IDLE_TTL \(sessionIdleTtl\) must be a positive/],
  [{ sessionAbsoluteTtl: 0 }, /^SESSION_ABSOLUTE_TTL \(sessionAbsoluteTtl\) must be a positive number of seconds\.$/],
  [
    { sessionIdleTtl: 61, sessionAbsoluteTtl: 60 },
    /^SESSION_IDLE_TTL \(sessionIdleTtl\) must be at most sessionAbsoluteTtl, which is 60\.$/,
  ],
  [{ sessionIdleTtl: 100 * 24 * 3600 }, /^SESSION_IDLE_TTL \(sessionIdleTtl\) must be at most sessionAbsoluteTtl/],
  [{ refreshLeeway: 0 }, /^REFRESH_LEEWAY \(refreshLeeway\) must be a number of seconds from 1 to 300\.$/],
  [{ refreshLeeway: 301 }, /^REFRESH_LEEWAY \(refreshLeeway\) must be/],
  [{ refreshLeeway: Number.NaN }, /^REFRESH_LEEWAY \(refreshLeeway\) must be/],
  [
    { auditRetentionDays: -1 },
    /^AUDIT_RETENTION_DAYS \(auditRetentionDays\) must be a whole number of days, 1 or more\.$/,
  ],
  [{ auditRetentionDays: 1.5 }, /must be a whole number of days/],
  [{ appName: 'two\nlines' }, /^APP_NAME \(appName\) must be a name of at most 100 characters, in one line\.$/],
])('%o is refused at once, in one line that names the option', (options, message) => {
  expect(() => createWith(options)).toThrow(TypeError);
  expect(() => createWith(options)).toThrow(message);
});

test.each([
  {},
  { publicUrl: 'https://app.example/', allowedOrigins: ['https://other.example:8443'] },
  { publicUrl: 'http://localhost:3000', allowedOrigins: ['http://localhost:5173', 'https://other.example'] },
  { accessTokenTtl: 0.5, sessionIdleTtl: 1, sessionAbsoluteTtl: 1, refreshLeeway: 1 },
  { sessionAbsoluteTtl: 60 },
])('%o is taken', (options) => {
  expect(() => createWith(options)).not.toThrow();
});
