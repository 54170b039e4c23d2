import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { readAuthVariables } from 'latchkey/server';
import { expect, test } from 'vitest';
import { readConfig } from './config.ts';
import { type Mode, serverSchemas } from './variables.ts';

const secret = (): string => randomBytes(32).toString('base64url');
const production = { ACCESS_TOKEN_SECRET: secret(), REFRESH_TOKEN_SECRET: secret(), DATA_SECRET: secret() };

const problemsOf = (env: NodeJS.ProcessEnv, mode: Mode = 'production'): string[] => {
  const result = readConfig({ ...production, ...env }, mode);
  return result.ok ? [] : result.problems;
};

const configOf = (env: NodeJS.ProcessEnv, mode: Mode = 'production') => {
  const result = readConfig({ ...production, ...env }, mode);
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return result.config;
};

const byName = (a = '', b = ''): number => a.localeCompare(b);

const pem = (type: 'ec' | 'rsa', options: { namedCurve?: string; modulusLength?: number }): string =>
  (type === 'ec'
    ? generateKeyPairSync('ec', { namedCurve: options.namedCurve ?? 'prime256v1' })
    : generateKeyPairSync('rsa', { modulusLength: options.modulusLength ?? 2048 })
  ).privateKey
    .export({ type: 'pkcs8', format: 'pem' })
    .toString();

test('development needs no variable', () => {
  const result = readConfig({}, 'development');
  expect(result).toEqual({
    ok: true,
    config: {
      mode: 'development',
      port: 3000,
      host: undefined,
      publicUrl: 'http://localhost:3000',
      appName: 'Latchkey',
      smtpUrl: undefined,
      breachCheckUrl: undefined,
      mailFrom: undefined,
      auditRetentionDays: 400,
      databaseUrl: undefined,
      databaseSchema: 'public',
      dataDir: '.data',
      databasePoolSize: 10,
      accessTokenSecrets: undefined,
      refreshTokenSecrets: undefined,
      accessTokenPrivateKeys: undefined,
      metricsPort: undefined,
      accessTokenTtl: 900,
      sessionIdleTtl: 604_800,
      sessionAbsoluteTtl: 7_776_000,
      refreshLeeway: 30,
      trustProxy: false,
      allowedOrigins: [],
      dataSecrets: undefined,
      requireEmailVerification: false,
      rateLimit: true,
      testClock: undefined,
      logLevel: 'info',
    },
  });
});

test('NODE_ENV plays no part', () => {
  expect(readConfig({ NODE_ENV: 'production' }, 'development').ok).toBe(true);
  expect(readConfig({ NODE_ENV: 'development' }, 'production').ok).toBe(false);
});

test('production needs its secrets, and says so in a line each', () => {
  const result = readConfig({ ACCESS_TOKEN_SECRET: '', REFRESH_TOKEN_SECRET: undefined }, 'production');
  expect(result).toEqual({
    ok: false,
    problems: [
      'ACCESS_TOKEN_SECRET is missing: `npx latchkey secrets` makes one.',
      'REFRESH_TOKEN_SECRET is missing: `npx latchkey secrets` makes one.',
      'DATA_SECRET is missing: `npx latchkey secrets` makes one.',
    ],
  });
});

test.each([
  'postgres://user:word@one:5432,two:5432/name',
  'postgresql://one,two/name?target_session_attrs=read-write',
  'postgres://user:word@/name?sslmode=disable&host=one,two',
  'postgres:///name?host=one%2Ctwo',
])('%s names several hosts, which is refused in one clear line', (text) => {
  expect(problemsOf({ DATABASE_URL: text })).toEqual([
    'DATABASE_URL must name one host: the driver does not try several. Give it a name or an address that always leads to the primary.',
  ]);
});

test('a comma elsewhere in DATABASE_URL is none between hosts', () => {
  expect(problemsOf({ DATABASE_URL: 'postgres://user:wo,rd@one:5432/name?options=a,b' })).toEqual([]);
});

test.each([
  ['PORT', '0'],
  ['PORT', '65536'],
  ['PORT', '80a'],
  ['HOST', 'http://x'],
  ['PUBLIC_URL', 'app.example.com'],
  ['PUBLIC_URL', 'ftp://app.example.com'],
  ['PUBLIC_URL', 'https://app.example.com/path'],
  ['PUBLIC_URL', 'https://me:password@app.example.com'],
  ['PUBLIC_URL', 'http://app.example.com'],
  ['PUBLIC_URL', 'http://localhost.example.com'],
  ['PUBLIC_URL', 'http://127.0.0.1.example.com'],
  ['DATABASE_URL', 'mysql://host/name'],
  ['DATABASE_URL', 'host:5432'],
  ['PUBLIC_URL', 'https://*.example.com'],
  ['DATABASE_URL', 'postgres://host:port/name'],
  ['DATABASE_URL', 'postgres://host/name?port=x'],
  ['DATABASE_URL', 'postgres://host/name?sslrootcert=/no/such/file'],
  ['DATABASE_SCHEMA', 'Latchkey'],
  ['DATABASE_SCHEMA', 'pg_own'],
  ['DATABASE_POOL_SIZE', '0'],
  ['DATABASE_POOL_SIZE', '1.5'],
  ['METRICS_PORT', '-1'],
  ['ACCESS_TOKEN_TTL', '0'],
  ['ACCESS_TOKEN_TTL', '15m'],
  ['ACCESS_TOKEN_TTL', '1e3'],
  ['ACCESS_TOKEN_TTL', '99999999999'],
  ['SESSION_IDLE_TTL', '-5'],
  ['SESSION_ABSOLUTE_TTL', 'never'],
  ['REFRESH_LEEWAY', '0'],
  ['REFRESH_LEEWAY', '301'],
  ['TRUST_PROXY', 'true'],
  ['TRUST_PROXY', '10.0.0.0/33'],
  ['TRUST_PROXY', '0.0.0.0/0'],
  ['TRUST_PROXY', 'loopback,::/0'],
  ['TRUST_PROXY', 'my-proxy'],
  ['ALLOWED_ORIGINS', '*'],
  ['ALLOWED_ORIGINS', 'https://a.example/'],
  ['ALLOWED_ORIGINS', 'https://a.example,null'],
  ['ALLOWED_ORIGINS', 'https://*.example.com'],
  ['ALLOWED_ORIGINS', 'https://a.example,https://b.*'],
  ['RATE_LIMIT', 'no'],
  ['LOG_LEVEL', 'loud'],
  ['ACCESS_TOKEN_PRIVATE_KEY', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----'],
  ['ACCESS_TOKEN_PRIVATE_KEY', 'canary'],
  ['ACCESS_TOKEN_PRIVATE_KEY', pem('ec', { namedCurve: 'secp384r1' })],
  ['ACCESS_TOKEN_PRIVATE_KEY', pem('rsa', { modulusLength: 1024 })],
])('%s=%s stops the start with one line', (name, value) => {
  const problems = problemsOf({ [name]: value });
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(new RegExp(`^${name} must [^\\n]+\\.$`));
});

test.each([
  ['shorter than 32 bytes', 'canary-canary', 'at least 32 bytes'],
  ['of few different bytes', 'canarycanarycanarycanarycanarycanary', 'at least 10 different'],
  ['from .env.example', 'replace-me-with-the-output-of-openssl-rand-base64-48', 'placeholder'],
  ['one good and one weak', `${secret()},canary`, 'at least 32 bytes'],
  ['one good and one empty', `${secret()},`, 'empty entry'],
])('a secret %s stops the start in both modes, and is not repeated', (_what, value, words) => {
  for (const mode of ['production', 'development'] as const) {
    for (const name of ['ACCESS_TOKEN_SECRET', 'REFRESH_TOKEN_SECRET', 'DATA_SECRET']) {
      const problems = problemsOf({ [name]: value }, mode);
      expect(problems).toHaveLength(1);
      expect(problems[0]).toContain(name);
      expect(problems[0]).toContain(words);
      expect(problems[0]).not.toContain('canary');
    }
  }
});

test('no entry may be in both secrets, wherever it stands', () => {
  const shared = secret();
  expect(
    problemsOf({ ACCESS_TOKEN_SECRET: `${secret()},${shared}`, REFRESH_TOKEN_SECRET: `${shared},${secret()}` }),
  ).toEqual([
    'REFRESH_TOKEN_SECRET has an entry of ACCESS_TOKEN_SECRET: one kind of token must not verify as the other.',
  ]);
  expect(problemsOf({ REFRESH_TOKEN_SECRET: shared, DATA_SECRET: `${secret()},${shared}` })).toEqual([
    'DATA_SECRET has an entry of a token secret: what seals data must not sign tokens.',
  ]);
});

test('several secrets come in their order, without the space around them', () => {
  const [first, second] = [secret(), secret()];
  expect(configOf({ REFRESH_TOKEN_SECRET: ` ${first} , ${second}` }).refreshTokenSecrets).toEqual([first, second]);
});

test('private keys stand in for the access token secret, several of them too, with line ends written as \\n', () => {
  const keys = [pem('ec', {}), pem('rsa', {})];
  const { accessTokenPrivateKeys, accessTokenSecrets } = configOf({
    ACCESS_TOKEN_SECRET: '',
    ACCESS_TOKEN_PRIVATE_KEY: keys.join('').replaceAll('\n', '\\n'),
  });
  expect(accessTokenSecrets).toBeUndefined();
  expect(accessTokenPrivateKeys?.map(({ algorithm }) => algorithm)).toEqual(['ES256', 'RS256']);
});

test('an idle time that is longer than the absolute one stops the start', () => {
  expect(problemsOf({ SESSION_IDLE_TTL: '101', SESSION_ABSOLUTE_TTL: '100' })).toEqual([
    'SESSION_IDLE_TTL must be at most SESSION_ABSOLUTE_TTL, which is 100.',
  ]);
  expect(problemsOf({ SESSION_IDLE_TTL: '100', SESSION_ABSOLUTE_TTL: '100' })).toEqual([]);
  // Nobody has said anything of the one that is left out.
  expect(configOf({ SESSION_ABSOLUTE_TTL: '100' })).toMatchObject({ sessionIdleTtl: 100, sessionAbsoluteTtl: 100 });
  expect(configOf({ SESSION_ABSOLUTE_TTL: '1000000' }).sessionIdleTtl).toBe(604_800);
});

test('rate limits can be off in production only where nobody but this machine can be', () => {
  const off = { RATE_LIMIT: 'off' };
  for (const env of [
    {},
    { HOST: '0.0.0.0' },
    { HOST: '::' },
    { HOST: '10.0.0.1' },
    { HOST: 'app.example.com' },
    { HOST: '127.0.0.1', PUBLIC_URL: 'https://app.example.com' },
  ]) {
    const problems = problemsOf({ ...off, ...env });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^RATE_LIMIT must be on in production/);
  }
  for (const HOST of ['localhost', '127.0.0.1', '127.1.2.3', '::1']) {
    for (const PUBLIC_URL of ['', 'http://127.0.0.1:3000', 'http://[::1]:3000', 'http://app.localhost']) {
      expect(problemsOf({ ...off, HOST, PUBLIC_URL })).toEqual([]);
    }
  }
  expect(configOf({ ...off, PUBLIC_URL: 'https://app.example.com' }, 'development').rateLimit).toBe(false);
});

test('no page that came over http may call one that comes over https', () => {
  const ALLOWED_ORIGINS = 'https://a.example,http://b.example';
  for (const mode of ['production', 'development'] as const) {
    expect(problemsOf({ PUBLIC_URL: 'https://app.example.com', ALLOWED_ORIGINS }, mode)).toEqual([
      'ALLOWED_ORIGINS must have https origins alone, since PUBLIC_URL is https.',
    ]);
    expect(problemsOf({ ALLOWED_ORIGINS }, mode)).toEqual([]);
  }
});

test('everything that is wrong is told at once, a line a variable', () => {
  const names = problemsOf({
    PORT: 'x',
    LOG_LEVEL: 'x',
    SESSION_IDLE_TTL: '9',
    SESSION_ABSOLUTE_TTL: '8',
    REFRESH_TOKEN_SECRET: '',
  })
    .map((problem) => problem.split(' ', 1)[0])
    .toSorted(byName);
  expect(names).toEqual(['LOG_LEVEL', 'PORT', 'REFRESH_TOKEN_SECRET', 'SESSION_IDLE_TTL']);
});

test('the public address is an origin by its shape, and follows the port when it is not set', () => {
  expect(configOf({ PUBLIC_URL: 'HTTPS://App.Example.com:443/' }).publicUrl).toBe('https://app.example.com');
  expect(configOf({ PORT: '8080' }).publicUrl).toBe('http://localhost:8080');
});

test.each([
  ['', false],
  ['0', false],
  ['false', false],
  ['2', 2],
  ['loopback, 10.0.0.0/8,2001:db8::1', ['loopback', '10.0.0.0/8', '2001:db8::1']],
])('TRUST_PROXY=%s is taken as Express takes it', (text, expected) => {
  expect(configOf({ TRUST_PROXY: text }).trustProxy).toEqual(expected);
});

test('.env.example names every variable', () => {
  const text = readFileSync('.env.example', 'utf8');
  const named = [...text.matchAll(/^# ([A-Z_]+)=/gm)].map(([, name]) => name ?? '');
  const { values } = readAuthVariables(production, 'production', serverSchemas);
  expect(named.toSorted(byName)).toEqual(Object.keys(values).toSorted(byName));
});

test('no secret of .env.example, the README or the docs can be used', () => {
  const docs = readdirSync('.', { recursive: true, encoding: 'utf8' }).filter((path) =>
    /^(?:\.env\.example|README\.md|docs\/.*\.md)$/.test(path),
  );
  expect(docs).toContain('.env.example');
  for (const path of docs) {
    for (const [, name = '', value = ''] of readFileSync(path, 'utf8').matchAll(
      /\b([A-Z]+_TOKEN_SECRET)=['"]?([^\s'"$]+)/g,
    )) {
      expect(problemsOf({ [name]: value }), `${path} shows a secret that works`).not.toEqual([]);
    }
  }
});
