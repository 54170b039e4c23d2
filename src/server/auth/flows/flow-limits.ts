import { DAY, HOUR, MINUTE, SECOND } from '../clock.ts';
import type { RateLimit } from '../limits/rate-limit.ts';

/** The core's own limits. The numbers are those that docs/security.md states. */
export const FLOW_LIMITS = {
  /** Failures by one address to finish what was begun: mailed tokens, codes, passkeys, ways back from a provider. */
  token: { burst: 50, firstWaitMs: 30 * SECOND, maxWaitMs: HOUR, forgetAfterMs: DAY },
  /** Mails that are asked for to one recipient, whose confirmed address the caller's is not. */
  mail: { burst: 3, firstWaitMs: MINUTE, maxWaitMs: HOUR, forgetAfterMs: DAY },
  /** The same by the address that asks, to whichever recipients. */
  mail_address: { burst: 20, firstWaitMs: 30 * SECOND, maxWaitMs: HOUR, forgetAfterMs: DAY },
} as const satisfies Record<string, RateLimit>;
