import { createPrivateKeySet, createSecretKeySet, type KeySet } from '../tokens/keys.ts';
import { readAuthVariables } from './read-auth-variables.ts';
import { describeProblems, type Env, type Problems } from './read-variables.ts';
import type { AuthVariables } from './variables.ts';

/** What an environment says, for `createAuth`. Times are in seconds. */
export interface EnvOptions {
  publicUrl: string;
  allowedOrigins: readonly string[];
  appName: string;
  smtpUrl: string | undefined;
  breachCheckUrl: string | undefined;
  mailFrom: string | undefined;
  auditRetentionDays: number;
  accessTokenKeys: KeySet;
  refreshTokenKeys: KeySet;
  /** None where `DATA_SECRET` is not set: features that need one then throw. */
  dataSecrets: readonly string[];
  accessTokenTtl: number;
  sessionIdleTtl: number;
  sessionAbsoluteTtl: number;
  refreshLeeway: number;
  requireEmailVerification: boolean;
  rateLimit: boolean;
}

const isComplete = (values: Partial<AuthVariables>, problems: Problems): values is AuthVariables => problems.size === 0;

/**
 * The options of `createAuth` that an environment holds: `PUBLIC_URL`, `ALLOWED_ORIGINS`, `ACCESS_TOKEN_SECRET` or
 * `ACCESS_TOKEN_PRIVATE_KEY`, `REFRESH_TOKEN_SECRET`, `DATA_SECRET`, the lifetimes, `RATE_LIMIT`, `APP_NAME`,
 * `SMTP_URL`, `MAIL_FROM`, `REQUIRE_EMAIL_VERIFICATION`, `BREACH_CHECK_URL` and `AUDIT_RETENTION_DAYS`. It knows no
 * development: secrets of tokens are always asked for, and https unless the host is this machine.
 *
 * @param env where the variables are.
 * @default process.env
 * @throws Error with a line for each variable that is missing or wrong. No line holds a value.
 * @example
 * const auth = createAuth({ ...fromEnv(), database: sqlite('app.sqlite'), features: [passwords()] });
 */
export const fromEnv = (env: Env = process.env): EnvOptions => {
  const { values, problems } = readAuthVariables(env, 'production', {});
  if (!isComplete(values, problems)) throw new Error(describeProblems(problems).join('\n'));
  const { ACCESS_TOKEN_PRIVATE_KEY: privateKeys } = values;
  return {
    publicUrl: values.PUBLIC_URL,
    allowedOrigins: values.ALLOWED_ORIGINS,
    appName: values.APP_NAME,
    smtpUrl: values.SMTP_URL,
    breachCheckUrl: values.BREACH_CHECK_URL,
    mailFrom: values.MAIL_FROM,
    auditRetentionDays: values.AUDIT_RETENTION_DAYS,
    accessTokenKeys:
      privateKeys === undefined
        ? createSecretKeySet(values.ACCESS_TOKEN_SECRET ?? [])
        : createPrivateKeySet(privateKeys),
    refreshTokenKeys: createSecretKeySet(values.REFRESH_TOKEN_SECRET ?? []),
    dataSecrets: values.DATA_SECRET ?? [],
    accessTokenTtl: values.ACCESS_TOKEN_TTL,
    sessionIdleTtl: values.SESSION_IDLE_TTL,
    sessionAbsoluteTtl: values.SESSION_ABSOLUTE_TTL,
    refreshLeeway: values.REFRESH_LEEWAY,
    requireEmailVerification: values.REQUIRE_EMAIL_VERIFICATION === 'true',
    rateLimit: values.RATE_LIMIT === 'on',
  };
};
