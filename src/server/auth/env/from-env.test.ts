import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { expect, expectTypeOf, test, vi } from 'vitest';
import type { AuthOptions } from '../auth-options.ts';
import { fromEnv } from './from-env.ts';

const secret = (): string => randomBytes(48).toString('base64');
const secrets = { ACCESS_TOKEN_SECRET: secret(), REFRESH_TOKEN_SECRET: secret() };

const refusalOf = (env: Record<string, string>): string => {
  try {
    fromEnv(env);
  } catch (error) {
    if (error instanceof Error) return error.message;
  }
  throw new Error('It was not refused.');
};

test('with two secrets all else has a default', () => {
  expect(fromEnv(secrets)).toMatchObject({
    publicUrl: 'http://localhost:3000',
    allowedOrigins: [],
    accessTokenTtl: 900,
    sessionIdleTtl: 604_800,
    sessionAbsoluteTtl: 7_776_000,
    refreshLeeway: 30,
    rateLimit: true,
    appName: 'Latchkey',
    smtpUrl: undefined,
    mailFrom: undefined,
    auditRetentionDays: 400,
  });
  expect(fromEnv({ ...secrets, PORT: '8080' }).publicUrl).toBe('http://localhost:8080');
});

test('what it gives are options of createAuth, and no database', () => {
  expectTypeOf(fromEnv).returns.toExtend<Omit<AuthOptions, 'database'>>();
  expect(Object.keys(fromEnv(secrets)).filter((name) => /database|store/i.test(name))).toEqual([]);
});

test('each variable arrives', () => {
  const env = {
    ...secrets,
    PUBLIC_URL: 'https://app.example.com',
    ALLOWED_ORIGINS: 'https://one.example.com, https://two.example.com',
    ACCESS_TOKEN_TTL: '60',
    SESSION_IDLE_TTL: '600',
    SESSION_ABSOLUTE_TTL: '6000',
    REFRESH_LEEWAY: '10',
  };
  expect(fromEnv(env)).toMatchObject({
    publicUrl: 'https://app.example.com',
    allowedOrigins: ['https://one.example.com', 'https://two.example.com'],
    accessTokenTtl: 60,
    sessionIdleTtl: 600,
    sessionAbsoluteTtl: 6000,
    refreshLeeway: 10,
  });
  expect(fromEnv({ ...secrets, RATE_LIMIT: 'off', HOST: '127.0.0.1' }).rateLimit).toBe(false);
});

test('the environment of the process is the default', () => {
  vi.stubEnv('ACCESS_TOKEN_SECRET', secrets.ACCESS_TOKEN_SECRET);
  vi.stubEnv('REFRESH_TOKEN_SECRET', secrets.REFRESH_TOKEN_SECRET);
  vi.stubEnv('PUBLIC_URL', 'https://process.example.com');
  expect(fromEnv().publicUrl).toBe('https://process.example.com');
});

test('it knows no development: a missing or weak secret is a line that says what makes one', () => {
  vi.stubEnv('NODE_ENV', 'development');
  expect(refusalOf({ ACCESS_TOKEN_SECRET: 'change-me' }).split('\n')).toEqual([
    'ACCESS_TOKEN_SECRET must be at least 32 bytes long: `npx latchkey secrets` makes one.',
    'REFRESH_TOKEN_SECRET is missing: `npx latchkey secrets` makes one.',
  ]);
});

test('a private key stands in for the secret of access tokens', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const ACCESS_TOKEN_PRIVATE_KEY = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const { REFRESH_TOKEN_SECRET } = secrets;
  const { accessTokenKeys } = fromEnv({ REFRESH_TOKEN_SECRET, ACCESS_TOKEN_PRIVATE_KEY });
  expect(accessTokenKeys.signing.algorithm).toBe('ES256');
});

test('all that is wrong is told at once, and no value is repeated', () => {
  const env = { ...secrets, PUBLIC_URL: 'http://canary.example.com', REFRESH_LEEWAY: 'canary', RATE_LIMIT: 'canary' };
  const refusal = refusalOf(env);
  expect(refusal.split('\n').map((line) => line.split(' ', 1)[0])).toEqual([
    'PUBLIC_URL',
    'REFRESH_LEEWAY',
    'RATE_LIMIT',
  ]);
  expect(refusal).not.toContain('canary');
});
