import type { Scenario } from '../scenario.ts';
import { clientBytes } from './client-bytes.ts';
import { expiredToken } from './expired-token.ts';
import { growth } from './growth.ts';
import { login } from './login.ts';
import { loginStorm } from './login-storm.ts';
import { memory } from './memory.ts';
import { postgresWrites } from './postgres-writes.ts';
import { protectedQuery } from './protected-query.ts';
import { publicQuery } from './public-query.ts';
import { refresh } from './refresh.ts';
import { revocationDelay } from './revocation-delay.ts';
import { scale } from './scale.ts';
import { sessionLookups } from './session-lookups.ts';
import { start } from './start.ts';

/** In the order of the tables. */
export const scenarios: readonly Scenario[] = [
  publicQuery,
  protectedQuery,
  sessionLookups,
  refresh,
  login,
  loginStorm,
  expiredToken,
  clientBytes,
  growth,
  revocationDelay,
  start,
  memory,
  postgresWrites,
  scale,
];
