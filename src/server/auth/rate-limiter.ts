import { type Clock, SECOND } from './clock.ts';
import type { Bucket, LimitStore } from './limit-store.ts';
import { addressKey, type RateLimitName } from './rate-limits.ts';
import { refuse } from './refusal.ts';
import type { AuthRequest } from './request.ts';
import { hashSecret } from './secrets.ts';

/** Whom a login is for. */
export interface LoginTarget {
  /**
   * The identifier that was typed, in the one spelling of its key. Not the account behind it: one bucket for a username and an e-mail
   * would tell that they belong together.
   */
  identifier: string;
  /** The device cookie's hash, when the account knows it. */
  knownDevice: string | undefined;
}

export type RateLimiter = ReturnType<typeof createRateLimiter>;

/**
 * Slows down guessing. A try is counted before the password is looked at, so that a right one cannot be told from a wrong one while
 * limited. The address is that of the connection, or what a trusted proxy says of it, and nothing else.
 */
export const createRateLimiter = ({ store, clock }: { store: LimitStore; clock: Clock }) => {
  const refused = new Map<RateLimitName, number>();

  const take = async (bucket: Bucket): Promise<void> => {
    const wait = await store.take(bucket, clock.now());
    if (wait <= 0) return;
    refused.set(bucket.limit, (refused.get(bucket.limit) ?? 0) + 1);
    throw refuse('rate_limited', { retryAfter: Math.ceil(wait / SECOND) });
  };

  const addressOf = ({ address }: AuthRequest): string => addressKey(address ?? '');
  const addressBucket = (request: AuthRequest): Bucket => ({ limit: 'address', key: addressOf(request) });
  // Hashed: what was typed for a name may be a password, and is nobody's to read.
  const accountBuckets = (request: AuthRequest, { identifier, knownDevice }: LoginTarget): Bucket[] => {
    const name = hashSecret(identifier);
    // A device that the account knows has a bucket to itself, also where a stranger shares its address.
    if (knownDevice !== undefined) return [{ limit: 'device', key: `${name}:${knownDevice}` }];
    return [
      { limit: 'pair', key: `${name}:${addressOf(request)}` },
      { limit: 'account', key: name },
    ];
  };

  return {
    /** @throws `rate_limited` */
    takeRegistration: (request: AuthRequest): Promise<void> => take({ limit: 'registration', key: addressOf(request) }),

    /** Counts a login against its address, before its input is looked at. @throws `rate_limited` */
    takeAddress: (request: AuthRequest): Promise<void> => take(addressBucket(request)),

    /** Counts a login against the name that was typed. @throws `rate_limited` */
    takeLogin: async (request: AuthRequest, target: LoginTarget): Promise<void> => {
      for (const bucket of accountBuckets(request, target)) await take(bucket);
    },

    /** The login was right: its account starts anew, and its address has not failed. */
    succeed: async (request: AuthRequest, target: LoginTarget): Promise<void> => {
      await store.clear(accountBuckets(request, target));
      await store.refund(addressBucket(request));
    },

    /** How many tries this process has refused since its start, by the limit that they met. */
    refused: (): ReadonlyMap<RateLimitName, number> => refused,
  };
};
