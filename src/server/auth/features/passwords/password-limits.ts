import { SECOND } from '../../clock.ts';
import type { RateLimit } from '../../limits/rate-limit.ts';

const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The numbers that docs/security.md states (ASVS 6.1.1, 6.3.1). */
export const PASSWORD_LIMITS = {
  /** Tries by one name from devices that its account does not know, wherever they come from. A login starts it anew. */
  account: { burst: 10, firstWait: MINUTE, longestWait: DAY, forgetAfter: 30 * DAY },
  /** Tries by one name from one device that has signed in to its account before: strangers cannot use it up. */
  device: { burst: 10, firstWait: MINUTE, longestWait: DAY, forgetAfter: 30 * DAY },
  /** Tries by one name from one address, but for a device that the account knows. */
  pair: { burst: 5, firstWait: 15 * SECOND, longestWait: HOUR, forgetAfter: DAY },
  /** Failed logins from one address, for whichever accounts. */
  address: { burst: 100, firstWait: 10 * SECOND, longestWait: HOUR, forgetAfter: DAY },
  /** Registrations from one address, refused ones too, for they tell which names are taken. */
  registration: { burst: 50, firstWait: 30 * SECOND, longestWait: HOUR, forgetAfter: DAY },
} as const satisfies Record<string, RateLimit>;

export type PasswordLimit = keyof typeof PASSWORD_LIMITS;
