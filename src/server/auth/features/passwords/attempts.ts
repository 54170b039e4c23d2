import type { TRPCError } from '@trpc/server';
import { addressKey } from '../../limits/address-key.ts';
import type { Bucket, CountedAttempt } from '../../limits/limit-store.ts';
import type { Limits } from '../../limits/limits.ts';
import type { AuthRequest } from '../../request.ts';
import { hashSecret } from '../../tokens/secrets.ts';
import type { PasswordLimit } from './password-limits.ts';

/** Whom a login is for. */
export interface LoginTarget {
  /**
   * The identifier that was typed, in the one spelling of its key. Not the account behind it: one bucket for a username
   * and an e-mail would tell that they belong together.
   */
  identifier: string;
  /** The device cookie's hash, when the account knows it. */
  knownDevice: string | undefined;
}

/** What an attempt has been counted as, from its beginning to what came of it. */
export interface Attempt {
  /** Counts a login against the name that was typed. @throws `rate_limited` */
  takeLogin(target: LoginTarget): Promise<void>;
  /** It has been looked at: what was counted stays. */
  keep(): void;
  /** It was right: its account starts anew, and its address has not failed. */
  succeed(): Promise<void>;
  /**
   * It has failed. Unless it was looked at, its name gets it back; and so does its address where the failure is ours.
   * Who leaves, comes during a wait or sends what cannot be read is not looked at either, but could do so without end.
   */
  giveBack(error: TRPCError): Promise<void>;
}

const isOurFailure = ({ code }: TRPCError): boolean =>
  code === 'INTERNAL_SERVER_ERROR' || code === 'SERVICE_UNAVAILABLE';

const bucket = (limit: PasswordLimit, key: string): Bucket => ({ limit, key });

const addressOf = ({ address }: AuthRequest): string => addressKey(address ?? '');

// Hashed: what was typed for a name may be a password, and is nobody's to read.
const namesOf = (request: AuthRequest, { identifier, knownDevice }: LoginTarget): Bucket[] => {
  const name = hashSecret(identifier);
  // A device that the account knows has a bucket to itself, also where a stranger shares its address.
  if (knownDevice !== undefined) return [bucket('device', `${name}:${knownDevice}`)];
  return [bucket('pair', `${name}:${addressOf(request)}`), bucket('account', name)];
};

/** All that are counted by a name, for this address and this device. */
export const everyBucketOf = (request: AuthRequest, identifier: string, device: string | undefined): Bucket[] => [
  ...namesOf(request, { identifier, knownDevice: undefined }),
  ...(device === undefined ? [] : namesOf(request, { identifier, knownDevice: hashSecret(device) })),
];

/**
 * Counts an attempt against its address, before its input is looked at. It is counted before the password is looked at,
 * so that a right one cannot be told from a wrong one while limited; one that nobody looked at then is given back. The
 * address is that of the connection, or what a trusted proxy says of it, and nothing else.
 * @throws `rate_limited`
 */
export const beginAttempt = async (
  limits: Limits,
  limit: 'address' | 'registration',
  request: AuthRequest,
): Promise<Attempt> => {
  let ofAddress = [await limits.take(bucket(limit, addressOf(request)))];
  let ofName: CountedAttempt[] = [];
  return {
    takeLogin: async (target) => {
      for (const name of namesOf(request, target)) ofName.push(await limits.take(name));
    },
    keep: () => {
      ofAddress = [];
      ofName = [];
    },
    succeed: async () => {
      await limits.clear(ofName.map((attempt) => attempt.bucket));
      ofName = [];
      await limits.refund(ofAddress);
      ofAddress = [];
    },
    giveBack: (error) => limits.giveBack(isOurFailure(error) ? [...ofName, ...ofAddress] : ofName),
  };
};
