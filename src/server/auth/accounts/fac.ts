import { sql } from 'kysely';
import type { AuthMethod } from '../../../shared/auth/index.ts';

const DELIMITED = sql<string>`',' || fac || ','`;

/** The column `fac` with this word in it, once. */
export const withMethod = (method: AuthMethod) =>
  sql<string>`case when ${DELIMITED} like ${`%,${method},%`} then fac else trim(fac || ',' || ${method}, ',') end`;

/** The column `fac` without this word. */
export const withoutMethod = (method: AuthMethod) =>
  sql<string>`trim(replace(${DELIMITED}, ${`,${method},`}, ','), ',')`;
