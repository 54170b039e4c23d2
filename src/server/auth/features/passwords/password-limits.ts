import { DAY, HOUR, MINUTE, SECOND } from '../../clock.ts';
import type { RateLimit } from '../../limits/rate-limit.ts';

/** The numbers that docs/security.md states (ASVS 6.1.1, 6.3.1). */
export const PASSWORD_LIMITS = {
  /**
   * Attempts by one name from devices that its account does not know, wherever they come from. A login starts it anew.
   */
  account: { burst: 10, firstWaitMs: MINUTE, maxWaitMs: DAY, forgetAfterMs: 30 * DAY },
  /** Attempts by one name from one device that has signed in to its account before: strangers cannot use it up. */
  device: { burst: 10, firstWaitMs: MINUTE, maxWaitMs: DAY, forgetAfterMs: 30 * DAY },
  /** Attempts by one name from one address, but for a device that the account knows. */
  pair: { burst: 5, firstWaitMs: 15 * SECOND, maxWaitMs: HOUR, forgetAfterMs: DAY },
  /** Failed logins from one address, for whichever accounts. */
  address: { burst: 100, firstWaitMs: 10 * SECOND, maxWaitMs: HOUR, forgetAfterMs: DAY },
  /** Registrations from one address, refused ones too, for they tell which names are taken. */
  registration: { burst: 50, firstWaitMs: 30 * SECOND, maxWaitMs: HOUR, forgetAfterMs: DAY },
} as const satisfies Record<string, RateLimit>;

export type PasswordLimit = keyof typeof PASSWORD_LIMITS;
