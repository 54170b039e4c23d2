import type { TRPCError } from '@trpc/server';
import { type Clock, SECOND } from '../clock.ts';
import { refuse } from '../refusal.ts';
import type { AuthRequest } from '../request.ts';
import { createCoreSlot } from '../slot.ts';
import { hashSecret } from '../tokens/secrets.ts';
import type { Bucket, CountedTry, LimitStore } from './limit-store.ts';
import { addressKey, type RateLimitName } from './rate-limits.ts';

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

/** What a try has been counted as, from its beginning to what came of it. */
export interface Attempt {
  /** Counts a login against the name that was typed. @throws `rate_limited` */
  takeLogin(target: LoginTarget): Promise<void>;
  /** It has been looked at: what was counted stays. */
  keep(): void;
  /** It was right: its account starts anew, and its address has not failed. */
  succeed(): Promise<void>;
  /**
   * It has failed. Unless it was looked at, its name gets it back; and so does its address where the failure is ours. Who leaves, comes
   * during a wait or sends what cannot be read is not looked at either, but could do so without end.
   */
  giveBack(error: TRPCError): Promise<void>;
}

export type RateLimiter = Pick<ReturnType<typeof createRateLimiter>, 'begin' | 'refused'>;

/** A store that hangs has hung once already: an answer does not wait for it again. */
const LONGEST_GIVING_BACK = SECOND;

const isOurFailure = ({ code }: TRPCError): boolean =>
  code === 'INTERNAL_SERVER_ERROR' || code === 'SERVICE_UNAVAILABLE';

const addressOf = ({ address }: AuthRequest): string => addressKey(address ?? '');

// Hashed: what was typed for a name may be a password, and is nobody's to read.
const namesOf = (request: AuthRequest, { identifier, knownDevice }: LoginTarget): Bucket[] => {
  const name = hashSecret(identifier);
  // A device that the account knows has a bucket to itself, also where a stranger shares its address.
  if (knownDevice !== undefined) return [{ limit: 'device', key: `${name}:${knownDevice}` }];
  return [
    { limit: 'pair', key: `${name}:${addressOf(request)}` },
    { limit: 'account', key: name },
  ];
};

export const rateLimiterSlot = createCoreSlot<RateLimiter>('rate-limiter');

/**
 * Slows down guessing. A try is counted before the password is looked at, so that a right one cannot be told from a wrong one while
 * limited; one that nobody looked at then is given back. The address is that of the connection, or what a trusted proxy says of it, and
 * nothing else.
 */
export const createRateLimiter = ({ store, clock }: { store: LimitStore; clock: Clock }) => {
  const refused = new Map<RateLimitName, number>();

  const take = async (bucket: Bucket): Promise<CountedTry> => {
    const at = clock.now();
    const wait = await store.take(bucket, at);
    if (wait <= 0) return { bucket, at };
    refused.set(bucket.limit, (refused.get(bucket.limit) ?? 0) + 1);
    throw refuse('rate_limited', { retryAfter: Math.ceil(wait / SECOND) });
  };

  const refund = async (tries: readonly CountedTry[]): Promise<void> => {
    if (tries.length === 0) return;
    // What cannot be taken back stays counted.
    const settled = Promise.allSettled(tries.map((one) => store.refund(one)));
    let cancel = (): void => {};
    const tooLong = new Promise<void>((resolve) => {
      cancel = clock.after(LONGEST_GIVING_BACK, resolve);
    });
    await Promise.race([settled, tooLong]);
    cancel();
  };

  return {
    /** Counts a try against its address, before its input is looked at. @throws `rate_limited` */
    begin: async (limit: 'address' | 'registration', request: AuthRequest): Promise<Attempt> => {
      let ofAddress = [await take({ limit, key: addressOf(request) })];
      let ofName: CountedTry[] = [];
      return {
        takeLogin: async (target) => {
          for (const bucket of namesOf(request, target)) ofName.push(await take(bucket));
        },
        keep: () => {
          ofAddress = [];
          ofName = [];
        },
        succeed: async () => {
          await store.clear(ofName.map(({ bucket }) => bucket));
          ofName = [];
          for (const one of ofAddress) await store.refund(one);
          ofAddress = [];
        },
        giveBack: (error) => refund(isOurFailure(error) ? [...ofName, ...ofAddress] : ofName),
      };
    },

    /** How many tries this process has refused since its start, by the limit that they met. */
    refused: (): ReadonlyMap<RateLimitName, number> => refused,
  };
};

const nothing = async (): Promise<void> => {};

/** For load tests: nothing is counted, and nothing waits. */
export const unlimited: RateLimiter = {
  begin: () => Promise.resolve({ takeLogin: nothing, keep: () => {}, succeed: nothing, giveBack: nothing }),
  refused: () => new Map(),
};
