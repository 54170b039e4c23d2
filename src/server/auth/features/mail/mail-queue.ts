import { randomUUID } from 'node:crypto';
import { DAY } from '../../clock.ts';
import type { AuthCore } from '../../feature.ts';
import type { MailKind, MailQueue, QueuedMail } from '../../mail/mail.ts';
import type { AuthDatabase } from '../../store/tables.ts';
import { hashSecret } from '../../tokens/secrets.ts';
import type { MailStore } from './mail-store.ts';
import type { SealedMail } from './outgoing-mail.ts';
import { GIVE_UP_MS } from './retry-delay.ts';

/** A sealed value opens in the place that it was sealed for, and nowhere else. */
export const placeOf = (row: { id: string; user_id: string | null }) => ({
  table: 'auth_mails',
  row: row.id,
  userId: row.user_id,
});

export interface MailQueueOptions {
  core: Pick<AuthCore, 'clock' | 'sealing'>;
  store: MailStore;
  look(): void;
}

/** What somebody with an old copy can bring about again and again. */
const ONCE_A_DAY: ReadonlySet<MailKind> = new Set(['session_forked']);

/** Writes mails beside what they tell. */
export const createMailQueue = ({ core: { clock, sealing }, store, look }: MailQueueOptions): MailQueue => {
  const queue = async (transaction: AuthDatabase, mail: QueuedMail): Promise<void> => {
    const { kind, userId, link, to, username, details } = mail;
    const row = { id: randomUUID(), user_id: userId };
    const now = clock.now();
    const sealed: SealedMail = { to, username, ...(link && { link }), ...(details && { details }) };
    await store.insert(transaction, {
      ...row,
      kind,
      content: sealing.seal(placeOf(row), JSON.stringify(sealed)),
      flow_hash: link === undefined ? null : hashSecret(link.token),
      try_at: now,
      created_at: now,
      ends_at: Math.min(now + GIVE_UP_MS, link?.endsAt ?? Number.POSITIVE_INFINITY),
    });
  };

  return {
    isOn: () => true,
    queue,
    notify: async (transaction, { kind, userId, details }) => {
      const recipient = await store.findRecipient(transaction, userId);
      // What was only claimed may be somebody else's, who is not to be told of this account.
      if (recipient === undefined || recipient.email_verified_at === null || recipient.email === null) return;
      const { email: to, username } = recipient;
      const since = clock.now() - DAY;
      if (ONCE_A_DAY.has(kind) && (await store.hasSince(transaction, { userId, kind, since }))) return;
      await queue(transaction, { kind, userId, to, username, ...(details && { details }) });
    },
    sent: look,
  };
};

/** Where there is nothing to send by. */
export const noMail: MailQueue = {
  isOn: () => false,
  queue: () => Promise.resolve(),
  notify: () => Promise.resolve(),
  sent: () => {},
};
