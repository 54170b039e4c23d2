import type { AuthOptions } from './auth-options.ts';
import { DAY, toSeconds } from './clock.ts';
import { appNameProblem } from './env/app-name.ts';
import { idleTtlProblem, REFRESH_LEEWAY } from './env/lifetimes.ts';
import { areOrigins, mixedOriginsProblem, ORIGIN_FORM, PUBLIC_URL_FORM, publicOriginOf } from './env/origins.ts';

type Checked = Pick<
  AuthOptions,
  | 'publicUrl'
  | 'allowedOrigins'
  | 'accessTokenTtl'
  | 'sessionIdleTtl'
  | 'sessionAbsoluteTtl'
  | 'refreshLeeway'
  | 'auditRetentionDays'
  | 'appName'
>;

const isPositive = (value: number): boolean => Number.isFinite(value) && value > 0;

const positiveProblem = (value: number | undefined): string | undefined =>
  value === undefined || isPositive(value) ? undefined : 'must be a positive number of seconds';

const retentionProblem = (days: number | undefined): string | undefined =>
  days === undefined || (Number.isInteger(days) && days > 0) ? undefined : 'must be a whole number of days, 1 or more';

const leewayProblem = (leeway: number | undefined): string | undefined => {
  const { min, max } = REFRESH_LEEWAY;
  return leeway === undefined || (leeway >= min && leeway <= max)
    ? undefined
    : `must be a number of seconds from ${min} to ${max}`;
};

const originsProblem = ({ publicUrl, allowedOrigins = [] }: Checked): string | undefined =>
  areOrigins(allowedOrigins)
    ? mixedOriginsProblem(publicOriginOf(publicUrl) ?? '', allowedOrigins, 'publicUrl')
    : `must be a list of origins, ${ORIGIN_FORM}`;

const idleProblem = ({ sessionIdleTtl: idle, sessionAbsoluteTtl = toSeconds(90 * DAY) }: Checked) =>
  positiveProblem(idle) ??
  (idle === undefined ? undefined : idleTtlProblem({ idle, absolute: sessionAbsoluteTtl }, 'sessionAbsoluteTtl'));

/** In this order: what is wrong only beside another option is looked at behind that one. */
const PROBLEMS: readonly [name: keyof Checked, problemOf: (options: Checked) => string | undefined][] = [
  ['publicUrl', ({ publicUrl }) => (publicOriginOf(publicUrl) === undefined ? PUBLIC_URL_FORM : undefined)],
  ['allowedOrigins', originsProblem],
  ['appName', ({ appName }) => (appName === undefined ? undefined : appNameProblem(appName))],
  ['accessTokenTtl', ({ accessTokenTtl }) => positiveProblem(accessTokenTtl)],
  ['sessionAbsoluteTtl', ({ sessionAbsoluteTtl }) => positiveProblem(sessionAbsoluteTtl)],
  ['sessionIdleTtl', idleProblem],
  ['refreshLeeway', ({ refreshLeeway }) => leewayProblem(refreshLeeway)],
  ['auditRetentionDays', ({ auditRetentionDays }) => retentionProblem(auditRetentionDays)],
];

/** As the variable of the environment is called. */
const variableOf = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

/**
 * Holds options to the rules that the variables of the same names have.
 * @throws TypeError for the first that is wrong. It repeats no value.
 */
export const checkOptions = (options: Checked): void => {
  for (const [name, problemOf] of PROBLEMS) {
    const problem = problemOf(options);
    if (problem !== undefined) throw new TypeError(`${variableOf(name)} (${name}) ${problem}.`);
  }
};
