import ipaddr from 'ipaddr.js';
import { SECOND } from '../clock.ts';

const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How tries from one source are slowed down: so many are free, then each costs a wait, and the waits grow. */
export interface RateLimit {
  /** How many tries come without a wait. */
  burst: number;
  /** The wait after the last free try, in milliseconds. It doubles with each further try. */
  firstWait: number;
  /** The longest wait, in milliseconds. There is no lock-out: a wait always ends. */
  longestWait: number;
  /** After so long without a try all is forgotten, in milliseconds. */
  forgetAfter: number;
}

/** The numbers that docs/security.md states (ASVS 6.1.1, 6.3.1). */
export const RATE_LIMITS = {
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

export type RateLimitName = keyof typeof RATE_LIMITS;

/** The wait that the n-th try leaves behind, in milliseconds. */
export const waitAfter = (tries: number, { burst, firstWait, longestWait }: RateLimit): number =>
  tries < burst ? 0 : Math.min(longestWait, firstWait * 2 ** (tries - burst));

/** Every wait of a limit from its last free try on, the last one being the longest. */
export const waitsOf = (limit: RateLimit): number[] => {
  const waits: number[] = [];
  for (let tries = limit.burst; waits.at(-1) !== limit.longestWait; tries += 1) waits.push(waitAfter(tries, limit));
  return waits;
};

/** An IPv6 network as people are given it: whoever has one address in it has 2^64. */
const IPV6_PREFIX_BYTES = 8;

/** What counts as one address: an IPv4 address, or an IPv6 /64. */
export const addressKey = (address: string): string => {
  if (!ipaddr.isValid(address)) return 'unknown';
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return Buffer.from(parsed.toByteArray().slice(0, IPV6_PREFIX_BYTES)).toString('hex');
};
