import { isIP } from 'node:net';
import { isSchemaName, postgresUrlProblem, SCHEMA_NAME } from 'latchkey/postgres';
import { z } from 'zod/v4';
import { readPrivateKeys } from './private-keys.ts';
import { secretProblems } from './secret-strength.ts';

export type Mode = 'development' | 'production';

/** What is wrong with each variable, in the words of the person who set it. Never a value: some are secrets. */
export type Problems = Map<string, string[]>;

const MAX_INTEGER = 2 ** 31 - 1;

const integer = (min: number, max = MAX_INTEGER) =>
  z
    .string()
    .refine((text) => /^\d{1,10}$/.test(text) && Number(text) >= min && Number(text) <= max, {
      error:
        max === MAX_INTEGER
          ? `must be a whole number of at least ${min}`
          : `must be a whole number from ${min} to ${max}`,
    })
    .transform(Number);

const list = (text: string): string[] => text.split(',').map((entry) => entry.trim());

const parseUrl = (text: string): URL | undefined => (URL.canParse(text) ? new URL(text) : undefined);

/** Whether a browser on the same machine, and nobody else, reaches the host by this name, as it stands in a URL. */
export const isLoopbackHost = (hostname: string): boolean =>
  hostname === 'localhost' ||
  hostname.endsWith('.localhost') ||
  hostname === '[::1]' ||
  /^127(?:\.\d{1,3}){3}$/.test(hostname);

/** Whether who listens there is reached from this machine alone. Without an address it listens on all of them. */
export const isLoopbackAddress = (address: string | undefined): boolean =>
  address !== undefined && isLoopbackHost(isIP(address) === 6 ? `[${address}]` : address);

/**
 * Whether browsers can be at such a host. The URL standard takes more, `*` among it, and so would
 * `https://*.example.com` mean nothing, silently.
 */
const isHost = (hostname: string): boolean => /^[a-z0-9._-]+$/.test(hostname) || hostname.startsWith('[');

const isOrigin = (text: string): boolean => {
  const url = parseUrl(text);
  return url !== undefined && /^https?:$/.test(url.protocol) && url.origin === text && isHost(url.hostname);
};

const publicUrl = (mode: Mode) =>
  z
    .string()
    .transform((text, context) => {
      const url = parseUrl(text);
      const isBare = url?.pathname === '/' && !url.search && !url.hash && !url.username && !url.password;
      if (url !== undefined && isBare && /^https?:$/.test(url.protocol) && isHost(url.hostname)) return url.origin;
      context.addIssue('must be the address that people open, as in https://app.example.com, without a path');
      return z.NEVER;
    })
    .refine(
      (origin) => mode === 'development' || origin.startsWith('https:') || isLoopbackHost(new URL(origin).hostname),
      {
        error:
          'must be https in production, unless its host is a loopback one: over http anyone on the way can read the cookies',
      },
    );

/**
 * What libpq takes as several hosts to try, in the authority or as a parameter. The driver would make one name of them.
 */
const SEVERAL_HOSTS = /^postgres(?:ql)?:\/\/(?:(?:[^/?#]*@)?(?![^/?#]*@)[^/?#]*,|[^?]*\?(?:.*&)?host=[^&]*(?:,|%2C))/i;

const databaseUrl = z
  .string()
  .refine((text) => !SEVERAL_HOSTS.test(text), {
    abort: true,
    error:
      'must name one host: the driver does not try several. Give it a name or an address that always leads to the primary',
  })
  .superRefine((text, context) => {
    const problem = postgresUrlProblem(text);
    if (problem !== undefined) context.addIssue(problem);
  });

const secrets = z.string().transform((text, context): string[] => {
  const entries = list(text);
  for (const message of secretProblems(entries)) context.addIssue({ code: 'custom', message });
  return entries;
});

const privateKeys = z.string().transform((text, context) => {
  const { keys, problem } = readPrivateKeys(text);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  return keys;
});

const PROXY_RANGES = ['loopback', 'linklocal', 'uniquelocal'];

const isProxyAddress = (text: string): boolean => {
  if (PROXY_RANGES.includes(text)) return true;
  const [address = '', prefix, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  // A network of all addresses would believe everybody, as `true` does.
  return (
    prefix === undefined ||
    (/^\d{1,3}$/.test(prefix) && Number(prefix) > 0 && Number(prefix) <= (version === 4 ? 32 : 128))
  );
};

const trustProxy = z
  .string()
  // `true` would believe whatever address a client writes into the header, and with it void every limit by address.
  .refine((text) => text === 'false' || /^\d{1,2}$/.test(text) || list(text).every(isProxyAddress), {
    error: 'must be the number of proxies in front of this server, or their addresses, as in 1 or loopback,10.0.0.0/8',
  })
  .transform((text) => {
    if (text === 'false' || Number(text) === 0) return false;
    return /^\d+$/.test(text) ? Number(text) : list(text);
  });

const allowedOrigins = z
  .string()
  .transform(list)
  .refine((origins) => origins.every(isOrigin), {
    error:
      'must be a comma-separated list of origins, each exactly as in https://app.example.com: no path, no slash at the end, no *',
  });

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** Every variable that the server reads, as the README and `.env.example` list them. */
export const variableSchemas = (mode: Mode) => ({
  PORT: integer(1, 65_535).default(3000),
  HOST: z
    .string()
    .regex(/^[A-Za-z0-9.:_-]+$/, 'must be an address or a host name to listen on, as in 0.0.0.0')
    .optional(),
  PUBLIC_URL: publicUrl(mode).optional(),
  DATABASE_URL: databaseUrl.optional(),
  DATABASE_SCHEMA: z.string().refine(isSchemaName, { error: SCHEMA_NAME }).default('public'),
  DATABASE_POOL_SIZE: integer(1, 10_000).default(10),
  DATA_DIR: z.string().default('.data'),
  ACCESS_TOKEN_SECRET: secrets.optional(),
  REFRESH_TOKEN_SECRET: secrets.optional(),
  ACCESS_TOKEN_PRIVATE_KEY: privateKeys.optional(),
  METRICS_PORT: integer(1, 65_535).optional(),
  ACCESS_TOKEN_TTL: integer(1).default(900),
  SESSION_IDLE_TTL: integer(1).default(604_800),
  SESSION_ABSOLUTE_TTL: integer(1).default(7_776_000),
  REFRESH_LEEWAY: integer(1, 300).default(30),
  TRUST_PROXY: trustProxy.default(false),
  ALLOWED_ORIGINS: allowedOrigins.default([]),
  RATE_LIMIT: z.enum(['on', 'off'], { error: 'must be on or off' }).default('on'),
  LOG_LEVEL: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` }).default('info'),
});

export type Variables = {
  [Name in keyof ReturnType<typeof variableSchemas>]: z.output<ReturnType<typeof variableSchemas>[Name]>;
};

export const originOf = ({ PUBLIC_URL, PORT }: Pick<Variables, 'PUBLIC_URL' | 'PORT'>): string =>
  PUBLIC_URL ?? new URL(`http://localhost:${PORT}`).origin;
