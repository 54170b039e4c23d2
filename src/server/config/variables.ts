import { isIP } from 'node:net';
import { isSchemaName, postgresUrlProblem, SCHEMA_NAME } from 'latchkey/postgres';
import { z } from 'zod/v4';

/** Of the command that was run. `NODE_ENV` plays no part. */
export type Mode = 'development' | 'production';

const port = z
  .string()
  .refine((text) => /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535, {
    error: 'must be a whole number from 1 to 65535',
  })
  .transform(Number);

const poolSize = z
  .string()
  .refine((text) => /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 10_000, {
    error: 'must be a whole number from 1 to 10000',
  })
  .transform(Number);

const list = (text: string): string[] => text.split(',').map((entry) => entry.trim());

const databaseUrl = z.string().superRefine((text, context) => {
  const problem = postgresUrlProblem(text);
  if (problem !== undefined) context.addIssue(problem);
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

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** Every variable that the server reads beside those of the stack, as the README and `.env.example` list them. */
export const serverSchemas = {
  DATABASE_URL: databaseUrl.optional(),
  DATABASE_SCHEMA: z.string().refine(isSchemaName, { error: SCHEMA_NAME }).default('public'),
  DATA_DIR: z.string().default('.data'),
  DATABASE_POOL_SIZE: poolSize.default(10),
  METRICS_PORT: port.optional(),
  TRUST_PROXY: trustProxy.default(false),
  TEST_CLOCK: z.string().optional(),
  LOG_LEVEL: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` }).default('info'),
};
