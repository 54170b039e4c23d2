import type { PrivateKeyPem } from 'latchkey/server';
import { checkTogether } from './rules.ts';
import { type Mode, originOf, type Problems, type Variables, variableSchemas } from './variables.ts';

/** The settings of one server, checked and complete. Lifetimes are in seconds. */
export interface Config {
  mode: Mode;
  port: number;
  /** Unset: all addresses in production, both loopback ones in development. */
  host: string | undefined;
  /** An origin, without a slash at its end. */
  publicUrl: string;
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
  metricsPort: number | undefined;
  accessTokenTtl: number;
  sessionIdleTtl: number;
  sessionAbsoluteTtl: number;
  refreshLeeway: number;
  /** What Express takes as `trust proxy`. */
  trustProxy: number | string[] | false;
  allowedOrigins: readonly string[];
  rateLimit: boolean;
  logLevel: string;
}

export type ConfigResult = { ok: true; config: Readonly<Config> } | { ok: false; problems: string[] };

const parseVariables = (
  env: NodeJS.ProcessEnv,
  mode: Mode,
  names?: readonly string[],
): { values: Partial<Variables>; problems: Problems } => {
  const problems: Problems = new Map();
  const values: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(variableSchemas(mode))) {
    if (names?.includes(name) === false) continue;
    // `NAME=` in a file of variables means that it is not set.
    const text = env[name]?.trim();
    const parsed = schema.safeParse(text === '' ? undefined : text);
    if (parsed.success) values[name] = parsed.data;
    else {
      problems.set(
        name,
        parsed.error.issues.map(({ message }) => message),
      );
    }
  }
  return { values, problems };
};

const describe = (problems: Problems): string[] =>
  [...problems].map(([name, messages]) => `${name} ${messages.join(', and ')}.`);

const isComplete = (values: Partial<Variables>, problems: Problems): values is Variables => problems.size === 0;

/**
 * Reads every variable, and tells all that is wrong at once: one line a variable, with what to do about it. The mode is
 * that of the command that was run; `NODE_ENV` plays no part.
 */
export const readConfig = (env: NodeJS.ProcessEnv, mode: Mode): ConfigResult => {
  const { values, problems } = parseVariables(env, mode);
  checkTogether(values, problems, mode);
  if (!isComplete(values, problems)) {
    return { ok: false, problems: describe(problems) };
  }

  return {
    ok: true,
    config: Object.freeze({
      mode,
      port: values.PORT,
      host: values.HOST,
      publicUrl: originOf(values),
      databaseUrl: values.DATABASE_URL,
      databaseSchema: values.DATABASE_SCHEMA,
      dataDir: values.DATA_DIR,
      databasePoolSize: values.DATABASE_POOL_SIZE,
      accessTokenSecrets: values.ACCESS_TOKEN_SECRET,
      refreshTokenSecrets: values.REFRESH_TOKEN_SECRET,
      accessTokenPrivateKeys: values.ACCESS_TOKEN_PRIVATE_KEY,
      metricsPort: values.METRICS_PORT,
      accessTokenTtl: values.ACCESS_TOKEN_TTL,
      sessionIdleTtl: values.SESSION_IDLE_TTL,
      sessionAbsoluteTtl: values.SESSION_ABSOLUTE_TTL,
      refreshLeeway: values.REFRESH_LEEWAY,
      trustProxy: values.TRUST_PROXY,
      allowedOrigins: values.ALLOWED_ORIGINS,
      rateLimit: values.RATE_LIMIT === 'on',
      logLevel: values.LOG_LEVEL,
    }),
  };
};

export type StoreConfig = Pick<Config, 'databaseUrl' | 'databaseSchema' | 'dataDir'>;

/**
 * Where the store is, for a command of the shell: it needs no secrets, and is told of no variable that is not its
 * business.
 */
export const readStoreConfig = (
  env: NodeJS.ProcessEnv,
): { ok: true; config: StoreConfig } | { ok: false; problems: string[] } => {
  const { values, problems } = parseVariables(env, 'production', ['DATABASE_URL', 'DATABASE_SCHEMA', 'DATA_DIR']);
  const { DATABASE_URL: databaseUrl, DATABASE_SCHEMA: databaseSchema, DATA_DIR: dataDir } = values;
  if (databaseSchema === undefined || dataDir === undefined || problems.size > 0) {
    return { ok: false, problems: describe(problems) };
  }
  return { ok: true, config: { databaseUrl, databaseSchema, dataDir } };
};
