import { identifierKey } from '../../../shared/auth/identifiers.ts';
import { DAY, HOUR } from '../clock.ts';
import { addressKey } from '../limits/address-key.ts';
import type { Bucket } from '../limits/limit-store.ts';
import type { Limits } from '../limits/limits.ts';
import type { MailQueue } from '../mail/mail.ts';
import { reasonOf } from '../refusal.ts';
import type { AuthRequest } from '../request.ts';
import type { AuthDatabase } from '../store/tables.ts';
import { hashSecret } from '../tokens/secrets.ts';
import type { NewFlow } from './flow.ts';
import type { Flows } from './flows.ts';

/** The kinds of flows whose name is mailed, and how long each is good for. */
export const MAILED_LINK_MS = {
  /** An account that waits for the confirmation of its address. */
  registration: DAY,
  confirm_address: DAY,
  confirm_new_address: DAY,
  reset: HOUR,
  revert_email: 7 * DAY,
} as const;

export type MailedLinkKind = keyof typeof MAILED_LINK_MS;

/** How many of these are alive at once. A newer one does not make the mail before it useless, which may come later. */
const MAX_ALIVE = 3;

const MAIL_OF = {
  registration: 'confirm_address',
  confirm_address: 'confirm_address',
  confirm_new_address: 'confirm_new_address',
  reset: 'reset',
  revert_email: 'address_changed',
} as const;

export interface MailedLink extends Omit<NewFlow, 'kind' | 'ttlMs' | 'maxAlive'> {
  kind: MailedLinkKind;
  /** Where it goes: an address as it is kept. */
  to: string;
  username: string | null;
  /** What the mail shows beside the link. */
  newAddress?: string;
}

/** Links that are mailed, each a flow that is good once. */
export interface MailedLinks {
  /**
   * Counts a mail against the address of the caller.
   * @throws `rate_limited`
   */
  takeAddress(request: AuthRequest): Promise<void>;
  /** Counts a mail against its recipient. False: there are too many, and this one is not sent. Nobody is told. */
  takeRecipient(to: string): Promise<boolean>;
  /**
   * Counts a mail that goes along with something else, against the address and, if that has one left, its recipient.
   * False: it is not sent, and what it goes along with is done without it.
   */
  takeAlong(request: AuthRequest, to: string): Promise<boolean>;
  /** Begins the flow and queues the mail: both or neither. The caller calls `mail.sent()` after the commit. */
  queue(transaction: AuthDatabase, link: MailedLink): Promise<void>;
}

const ofAddress = ({ address }: AuthRequest): Bucket => ({ limit: 'mail_address', key: addressKey(address ?? '') });

/** Hashed, as every name is that somebody typed. */
const ofRecipient = (to: string): Bucket => ({ limit: 'mail', key: hashSecret(identifierKey(to)) });

export const createMailedLinks = ({
  flows,
  limits,
  mail,
  now,
}: {
  flows: Flows;
  limits: Limits;
  mail: MailQueue;
  now: () => number;
}): MailedLinks => {
  const hasLeft = async (bucket: Bucket): Promise<boolean> => {
    try {
      await limits.take(bucket);
      return true;
    } catch (error) {
      if (reasonOf(error) === 'rate_limited') return false;
      throw error;
    }
  };

  return {
    takeAddress: async (request) => {
      await limits.take(ofAddress(request));
    },
    takeRecipient: (to) => hasLeft(ofRecipient(to)),
    takeAlong: async (request, to) => (await hasLeft(ofAddress(request))) && (await hasLeft(ofRecipient(to))),

    queue: async (transaction, { to, username, newAddress, ...flow }) => {
      const { kind, userId = null } = flow;
      const ttlMs = MAILED_LINK_MS[kind];
      const maxAlive = kind === 'revert_email' ? {} : { maxAlive: MAX_ALIVE };
      const token = await flows.begin({ ...flow, ttlMs, ...maxAlive }, transaction);
      await mail.queue(transaction, {
        kind: MAIL_OF[kind],
        userId,
        to,
        username,
        link: { token, endsAt: now() + ttlMs },
        ...(newAddress !== undefined && { details: { newAddress } }),
      });
    },
  };
};
