import type { z } from 'zod/v4';
import { type Env, type Problems, readVariables, type ValuesOf } from './read-variables.ts';
import { checkTogether } from './rules.ts';
import { type AuthVariables, type Mode, variableSchemas } from './variables.ts';

const WEEK_IN_SECONDS = 7 * 24 * 60 * 60;

/** What was read, each variable that is right, and what is wrong with the others, by their names. */
export interface ReadVariables<TOwn> {
  values: Partial<AuthVariables> & Partial<TOwn>;
  problems: Problems;
}

/**
 * Reads the variables of the stack as `fromEnv` does, and an app's own beside them, for one that tells all that is
 * wrong at once. In development no secret is missing, since the app makes them, and http is right for every host.
 */
export const readAuthVariables = <TOwn extends Record<string, z.ZodType>>(
  env: Env,
  mode: Mode,
  own: TOwn,
): ReadVariables<ValuesOf<TOwn>> => {
  const { values: read, problems } = readVariables(variableSchemas(mode), env);
  const { PUBLIC_URL, SESSION_IDLE_TTL, ...others } = read;
  const values: Partial<AuthVariables> = others;
  if (PUBLIC_URL !== undefined) values.PUBLIC_URL = PUBLIC_URL;
  else if (values.PORT !== undefined && !problems.has('PUBLIC_URL')) {
    values.PUBLIC_URL = new URL(`http://localhost:${values.PORT}`).origin;
  }
  if (SESSION_IDLE_TTL !== undefined) values.SESSION_IDLE_TTL = SESSION_IDLE_TTL;
  else if (values.SESSION_ABSOLUTE_TTL !== undefined && !problems.has('SESSION_IDLE_TTL')) {
    values.SESSION_IDLE_TTL = Math.min(WEEK_IN_SECONDS, values.SESSION_ABSOLUTE_TTL);
  }
  checkTogether(values, problems, mode);
  const beside = readVariables(own, env);
  return { values: { ...values, ...beside.values }, problems: new Map([...problems, ...beside.problems]) };
};
