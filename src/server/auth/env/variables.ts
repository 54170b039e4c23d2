import { z } from 'zod/v4';
import { appNameProblem } from './app-name.ts';
import { breachCheckUrlProblem } from './breach-check-url.ts';
import { isLoopbackHost } from './hosts.ts';
import { REFRESH_LEEWAY } from './lifetimes.ts';
import { mailFromProblem, smtpUrlProblem } from './mail-variables.ts';
import { areOrigins, ORIGIN_FORM, PUBLIC_URL_FORM, publicOriginOf } from './origins.ts';
import { readPrivateKeys } from './private-keys.ts';
import type { ValuesOf } from './read-variables.ts';
import { secretProblems } from './secret-strength.ts';

/** Of the command that was run. `NODE_ENV` plays no part. */
export type Mode = 'development' | 'production';

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

const publicUrl = (mode: Mode) =>
  z
    .string()
    .transform((text, context) => {
      const origin = publicOriginOf(text);
      if (origin !== undefined) return origin;
      context.addIssue(PUBLIC_URL_FORM);
      return z.NEVER;
    })
    .refine(
      (origin) => mode === 'development' || origin.startsWith('https:') || isLoopbackHost(new URL(origin).hostname),
      {
        error:
          'must be https in production, unless its host is a loopback one: over http anyone on the way can read the cookies',
      },
    );

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

const allowedOrigins = z
  .string()
  .transform(list)
  .refine(areOrigins, { error: `must be a comma-separated list of origins, ${ORIGIN_FORM}` });

/** Refused for what it says, which never repeats the text: a password may be part of it. */
const checkedBy = (problemOf: (text: string) => string | undefined) =>
  z.string().superRefine((text, context) => {
    const problem = problemOf(text);
    if (problem !== undefined) context.addIssue(problem);
  });

/** Every variable of the environment that the stack reads. */
export const variableSchemas = (mode: Mode) => ({
  PORT: integer(1, 65_535).default(3000),
  HOST: z
    .string()
    .regex(/^[A-Za-z0-9.:_-]+$/, 'must be an address or a host name to listen on, as in 0.0.0.0')
    .optional(),
  PUBLIC_URL: publicUrl(mode).optional(),
  ACCESS_TOKEN_SECRET: secrets.optional(),
  REFRESH_TOKEN_SECRET: secrets.optional(),
  DATA_SECRET: secrets.optional(),
  ACCESS_TOKEN_PRIVATE_KEY: privateKeys.optional(),
  ACCESS_TOKEN_TTL: integer(1).default(900),
  SESSION_IDLE_TTL: integer(1).optional(),
  SESSION_ABSOLUTE_TTL: integer(1).default(7_776_000),
  REFRESH_LEEWAY: integer(REFRESH_LEEWAY.min, REFRESH_LEEWAY.max).default(30),
  ALLOWED_ORIGINS: allowedOrigins.default([]),
  APP_NAME: checkedBy(appNameProblem).default('Latchkey'),
  SMTP_URL: checkedBy(smtpUrlProblem).optional(),
  MAIL_FROM: checkedBy(mailFromProblem).optional(),
  BREACH_CHECK_URL: checkedBy(breachCheckUrlProblem).optional(),
  AUDIT_RETENTION_DAYS: integer(1).default(400),
  REQUIRE_EMAIL_VERIFICATION: z.enum(['true', 'false'], { error: 'must be true or false' }).default('false'),
  RATE_LIMIT: z.enum(['on', 'off'], { error: 'must be on or off' }).default('on'),
});

type Read = ValuesOf<ReturnType<typeof variableSchemas>>;

export interface AuthVariables extends Omit<Read, 'PUBLIC_URL' | 'SESSION_IDLE_TTL'> {
  /** Unless it is set, where the port of this machine is. */
  PUBLIC_URL: string;
  /** Unless it is set, a week, or as long as a session lives in all where that is less. */
  SESSION_IDLE_TTL: number;
}
