import { DAY, MINUTE } from '../clock.ts';
import type { RateLimit } from './rate-limit.ts';

/** The core's own limits, and those that several features count by. The numbers are those of docs/security.md. */
export const CORE_LIMITS = {
  /** Tries of a user in one session to prove once more who they are: a right one starts it anew. */
  reauthenticate: { burst: 5, firstWaitMs: MINUTE, maxWaitMs: DAY, forgetAfterMs: 30 * DAY },
  /** Exports of a person: all that is kept of somebody is much to read. */
  export: { burst: 3, firstWaitMs: DAY, maxWaitMs: DAY, forgetAfterMs: DAY },
} as const satisfies Record<string, RateLimit>;
