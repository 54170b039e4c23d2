import { type AuthVariables, type PrivateKeyPem, type Problems, readAuthVariables } from 'latchkey/server';
import type { z } from 'zod/v4';
import { type Mode, serverSchemas } from './variables.ts';

/** The settings of one server, checked and complete. Lifetimes are in seconds. */
export interface Config {
  mode: Mode;
  port: number;
  /** Unset: all addresses in production, both loopback ones in development. */
  host: string | undefined;
  /** An origin, without a slash at its end. */
  publicUrl: string;
  /** What people call the app. */
  appName: string;
  /** Where mails are handed to. Unset: mail is off in production, and kept to be read here in development. */
  smtpUrl: string | undefined;
  breachCheckUrl: string | undefined;
  mailFrom: string | undefined;
  /** For how many days events are kept. */
  auditRetentionDays: number;
  databaseUrl: string | undefined;
  /** Of Postgres. */
  databaseSchema: string;
  dataDir: string;
  databasePoolSize: number;
  /** The first signs, all verify. Unset in development: made once and kept in the data directory. */
  accessTokenSecrets: readonly string[] | undefined;
  refreshTokenSecrets: readonly string[] | undefined;
  /** In place of the access token secrets. */
  accessTokenPrivateKeys: readonly PrivateKeyPem[] | undefined;
  /** The first seals what the store keeps, all open. Unset in development, like the others. */
  dataSecrets: readonly string[] | undefined;
  metricsPort: number | undefined;
  accessTokenTtl: number;
  sessionIdleTtl: number;
  sessionAbsoluteTtl: number;
  refreshLeeway: number;
  /** What Express takes as `trust proxy`. */
  trustProxy: number | string[] | false;
  allowedOrigins: readonly string[];
  requireEmailVerification: boolean;
  rateLimit: boolean;
  /** A file with milliseconds to add to the clock, for tests. */
  testClock: string | undefined;
  logLevel: string;
}

export type ConfigResult = { ok: true; config: Readonly<Config> } | { ok: false; problems: string[] };

type Variables = AuthVariables & {
  [Name in keyof typeof serverSchemas]: z.output<(typeof serverSchemas)[Name]>;
};

const LOOPBACK = /^(?:(?:.+\.)?localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Who sets the clock decides when sessions and limits end: on this machine alone. */
const checkTestClock = ({ TEST_CLOCK, PUBLIC_URL }: Partial<Variables>, problems: Problems): void => {
  if (TEST_CLOCK === undefined || PUBLIC_URL === undefined || LOOPBACK.test(new URL(PUBLIC_URL).hostname)) return;
  problems.set('TEST_CLOCK', ['is for tests: it must not be set unless the host of PUBLIC_URL is a loopback one']);
};

/** Of variables that are wrong only together. One that is wrong by itself is left out: one thing at a time. */
const checkPorts = ({ PORT, METRICS_PORT }: Partial<Variables>, problems: Problems): void => {
  if (PORT !== undefined && PORT === METRICS_PORT) problems.set('METRICS_PORT', ['must be another port than PORT']);
};

/** The package's `fromEnv` leaves it to the features of an app; this server mounts those that need it. */
const checkDataSecret = (values: Partial<Variables>, problems: Problems, mode: Mode): void => {
  if (mode === 'production' && values.DATA_SECRET === undefined && !problems.has('DATA_SECRET')) {
    problems.set('DATA_SECRET', ['is missing: `npx latchkey secrets` makes one']);
  }
};

const describe = (problems: Problems): string[] =>
  [...problems].map(([name, messages]) => `${name} ${messages.join(', and ')}.`);

const isComplete = (values: Partial<Variables>, problems: Problems): values is Variables => problems.size === 0;

/**
 * Reads every variable, and tells all that is wrong at once: one line a variable, with what to do about it. The mode is
 * that of the command that was run; `NODE_ENV` plays no part.
 */
export const readConfig = (env: NodeJS.ProcessEnv, mode: Mode): ConfigResult => {
  const { values, problems } = readAuthVariables(env, mode, serverSchemas);
  checkPorts(values, problems);
  checkTestClock(values, problems);
  checkDataSecret(values, problems, mode);
  if (!isComplete(values, problems)) {
    return { ok: false, problems: describe(problems) };
  }

  return {
    ok: true,
    config: Object.freeze({
      mode,
      port: values.PORT,
      host: values.HOST,
      publicUrl: values.PUBLIC_URL,
      appName: values.APP_NAME,
      smtpUrl: values.SMTP_URL,
      breachCheckUrl: values.BREACH_CHECK_URL,
      mailFrom: values.MAIL_FROM,
      auditRetentionDays: values.AUDIT_RETENTION_DAYS,
      databaseUrl: values.DATABASE_URL,
      databaseSchema: values.DATABASE_SCHEMA,
      dataDir: values.DATA_DIR,
      databasePoolSize: values.DATABASE_POOL_SIZE,
      accessTokenSecrets: values.ACCESS_TOKEN_SECRET,
      refreshTokenSecrets: values.REFRESH_TOKEN_SECRET,
      accessTokenPrivateKeys: values.ACCESS_TOKEN_PRIVATE_KEY,
      dataSecrets: values.DATA_SECRET,
      metricsPort: values.METRICS_PORT,
      accessTokenTtl: values.ACCESS_TOKEN_TTL,
      sessionIdleTtl: values.SESSION_IDLE_TTL,
      sessionAbsoluteTtl: values.SESSION_ABSOLUTE_TTL,
      refreshLeeway: values.REFRESH_LEEWAY,
      trustProxy: values.TRUST_PROXY,
      allowedOrigins: values.ALLOWED_ORIGINS,
      requireEmailVerification: values.REQUIRE_EMAIL_VERIFICATION === 'true',
      rateLimit: values.RATE_LIMIT === 'on',
      testClock: values.TEST_CLOCK,
      logLevel: values.LOG_LEVEL,
    }),
  };
};

/** Where the store is. */
export type StoreConfig = Pick<Config, 'databaseUrl' | 'databaseSchema' | 'dataDir'>;
