import { createCoreSlot } from '../slot.ts';
import type { AuthDatabase } from '../store/tables.ts';

/** What a mail is about. The header `X-Latchkey-Mail` of each names it. */
export type MailKind =
  | 'confirm_address'
  | 'account_exists'
  | 'reset'
  | 'password_changed'
  | 'confirm_new_address'
  | 'address_changed'
  | 'new_device'
  | 'factor_added'
  | 'factor_removed'
  | 'recovery_code_used'
  | 'identity_linked'
  | 'identity_unlinked'
  | 'second_factor_failed'
  | 'session_ended'
  | 'session_forked'
  | 'passkey_counter_regressed'
  | 'account_deleted'
  | 'admin_action'
  | 'impersonated';

/** What a mail tells beside its kind. Texts of others are among it: they are escaped where they are shown. */
export interface MailDetails {
  /** From where it was done. */
  ip?: string | null | undefined;
  userAgent?: string | null | undefined;
  /** The address that an account has now, or is to have. */
  newAddress?: string | undefined;
  /** The kind or the name of what was added, removed or linked. */
  what?: string | undefined;
  reason?: string | undefined;
}

/** The way back into the app: the name of a flow, which is good once. */
export interface MailLink {
  token: string;
  /** Milliseconds since the epoch. A mail that has not left by then is dropped. */
  endsAt: number;
}

export interface Notice {
  kind: MailKind;
  userId: string;
  details?: MailDetails;
}

export interface QueuedMail {
  kind: MailKind;
  /** Whose account it is of: nothing but `account_deleted` leaves once that is gone. Null as long as there is none. */
  userId: string | null;
  /** The address as it is kept, never the text of a request. */
  to: string;
  /** By which the person signs in. */
  username: string | null;
  link?: MailLink;
  details?: MailDetails;
}

/** What the mail feature gives to the core and to other features. */
export interface MailQueue {
  /** Whether there is anybody to hand mails to. Procedures that need it answer `mail_unavailable` otherwise. */
  isOn(): boolean;
  /** Queues a mail, in the transaction of what it tells: there is both or neither. */
  queue(transaction: AuthDatabase, mail: QueuedMail): Promise<void>;
  /** Queues a notice to the account's address, if that is confirmed; otherwise nobody is told. */
  notify(transaction: AuthDatabase, notice: Notice): Promise<void>;
  /** After the commit: looks now, and returns at once. */
  sent(): void;
}

/** The feature's queue once it is installed. Without the feature nothing is queued, and nothing costs a statement. */
export interface Mail extends MailQueue {
  connect(queue: MailQueue): void;
}

export const mailSlot = createCoreSlot<MailQueue>('mail-queue');

export const createMail = (): Mail => {
  let connected: MailQueue | undefined;
  return {
    isOn: () => connected?.isOn() ?? false,
    queue: async (transaction, mail) => await connected?.queue(transaction, mail),
    notify: async (transaction, notice) => await connected?.notify(transaction, notice),
    sent: () => connected?.sent(),
    connect: (queue) => {
      connected = queue;
    },
  };
};
