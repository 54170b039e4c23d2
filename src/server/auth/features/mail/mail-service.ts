import type { FeatureAccounts } from '../../accounts/account-hooks.ts';
import type { Auth } from '../../auth.ts';
import { type Sender, senderOf, smtpServerOf } from '../../env/mail-variables.ts';
import type { AuthCore, InstalledFeature } from '../../feature.ts';
import { createSlot } from '../../slot.ts';
import { SECRET_MISSING } from '../../tokens/sealing.ts';
import { createEndMail } from './end-mail.ts';
import { createMailQueue, noMail } from './mail-queue.ts';
import { createMailStore } from './mail-store.ts';
import { noticeOf } from './notices.ts';
import { createOutbox } from './outbox.ts';
import type { RenderedMail } from './outgoing-mail.ts';
import { purgeMails } from './purge-mails.ts';
import { createOpenMail, createRender, createSendMail, type RenderMail } from './send-mail.ts';
import { createSmtp } from './smtp.ts';

export interface MailOptions {
  /** @default the standard mails, in English */
  renderMail?: RenderMail;
  /**
   * Where there is no `smtpUrl`, keeps mails for a day, to be read by `readMailbox`. For development.
   * @default false
   */
  mailbox?: boolean;
}

/** A mail that was kept to be read. */
export interface KeptMail extends RenderedMail {
  id: string;
  kind: string;
  to: string;
  /** ISO 8601 in UTC. */
  at: string;
}

interface MailService {
  readMailbox(): Promise<KeptMail[]>;
  countWaiting(): Promise<number>;
}

const slot = createSlot<MailService>('mail', 'Add mail() to the features of createAuth.');

const MAX_KEPT_SHOWN = 100;

/**
 * The mails that were kept in place of being sent, newest first: `mail({ mailbox: true })`.
 * @throws TypeError when the auth has no feature `mail`.
 */
export const readMailbox = (auth: Auth): Promise<KeptMail[]> => slot.of(auth).readMailbox();

/**
 * How many mails wait to be sent, by whichever process. It asks the database.
 * @throws TypeError when the auth has no feature `mail`.
 */
export const countWaitingMails = (auth: Auth): Promise<number> => slot.of(auth).countWaiting();

const senderFrom = ({ smtp, appName, origin }: AuthCore): Sender =>
  smtp.mailFrom === undefined
    ? { name: appName, address: `no-reply@${new URL(origin).hostname}` }
    : senderOf(smtp.mailFrom);

/** @throws TypeError when `smtpUrl`, `mailFrom` or the secret that seals mails is missing or wrong. */
export const installMail = (
  auth: Auth,
  core: AuthCore,
  { renderMail, mailbox = false }: MailOptions,
): InstalledFeature => {
  const { database, clock, origin, smtp, sealing } = core;
  const { smtpUrl } = smtp;
  const purges = { mails: purgeMails(database) };
  const store = createMailStore(database);
  const ofAccounts: FeatureAccounts = {
    exportOf: store.exportOf,
    onDelete: (userId, transaction) => store.dropAll(transaction, userId, clock.now()),
  };
  if (smtpUrl === undefined && !mailbox) {
    slot.fill(auth, { readMailbox: () => Promise.resolve([]), countWaiting: store.countWaiting });
    return { mail: noMail, purges, ...ofAccounts };
  }
  if (!sealing.isOn) throw new TypeError(SECRET_MISSING);

  const open = createOpenMail(core);
  const render = createRender(renderMail);
  const send =
    smtpUrl === undefined
      ? () => Promise.resolve('kept' as const)
      : createSendMail({
          open,
          render,
          deliver: createSmtp({
            server: smtpServerOf(smtpUrl),
            sender: senderFrom(core),
            host: new URL(origin).hostname,
          }),
        });
  const outbox = createOutbox({
    store,
    clock,
    send,
    end: createEndMail({ ...core, store }),
    onDelay: (error) => core.onBackgroundError(error, 'mail'),
    onError: (error) => core.onBackgroundError(error, 'mail'),
  });

  slot.fill(auth, {
    countWaiting: store.countWaiting,
    readMailbox: async () => {
      const kept: KeptMail[] = [];
      for (const row of await store.listKept(MAX_KEPT_SHOWN)) {
        const content = open(row);
        if (content === undefined) continue;
        const { kind, to, at } = content;
        kept.push({ id: row.id, kind, to, at: at.toISOString(), ...(await render(content)) });
      }
      return kept;
    },
  });
  const queue = createMailQueue({ core, store, look: outbox.look });
  return {
    mail: queue,
    record: async (event, transaction) => {
      const notice = noticeOf(event);
      if (notice !== undefined) await queue.notify(transaction, notice);
    },
    onEvent: (event) => {
      if (noticeOf(event) !== undefined) outbox.look();
    },
    purges,
    ...ofAccounts,
    methods: () => ({ mail: true }),
    work: outbox.once,
    pending: outbox.pending,
    start: async () => outbox.start(),
    stop: outbox.stop,
  };
};
