import { identifierKey } from '../../../../shared/auth/identifiers.ts';
import { WAY_BACK } from '../../accounts/address-changes.ts';
import type { Report } from '../../events.ts';
import type { AuthCore } from '../../feature.ts';
import type { AuthRequest } from '../../request.ts';
import type { RecordEvents } from '../../store/recording.ts';
import type { AuthDatabase } from '../../store/tables.ts';
import { CONFIRMING, textIn } from './confirming.ts';
import type { LinkEvent } from './link-events.ts';
import { refuseMail } from './refuse-mail.ts';

/** What somebody who is signed in asks for by mail. The answer is the same whatever came of it. */
export interface AskForLinks {
  /** @throws `mail_unavailable`, `rate_limited` */
  resendVerification(request: AuthRequest, userId: string): Promise<void>;
  /** @throws `mail_unavailable`, `rate_limited` */
  changeEmail(request: AuthRequest, userId: string, email: string): Promise<void>;
}

const sameAddress = (one: string | null, other: string): boolean =>
  one !== null && identifierKey(one) === identifierKey(other);

export const createAskForLinks = (core: AuthCore): AskForLinks => {
  const { accounts, credentials, database, flows, mail, mailedLinks } = core;
  const report: Report<LinkEvent> = core.report;
  const record: RecordEvents<LinkEvent> = core.record;

  const requireMail = (): void => {
    if (!mail.isOn()) throw refuseMail('mail_unavailable');
  };

  /** Of the addresses that somebody asked for the last counts. All links that are alive are to one. */
  const endOthers = async (userId: string, email: string, transaction?: AuthDatabase): Promise<void> => {
    const pending = await flows.find({ userId }, CONFIRMING, transaction);
    if (pending.every((flow) => sameAddress(textIn(flow, 'email') ?? null, email))) return;
    await flows.voidAll({ userId, kinds: CONFIRMING }, transaction);
  };

  return {
    resendVerification: async (request, userId) => {
      requireMail();
      const user = await accounts.find(userId);
      const to = user?.email ?? null;
      if (user === undefined || to === null || user.emailVerified) return;
      await mailedLinks.takeAddress(request);
      if (!(await mailedLinks.takeRecipient(to))) return;
      await database.transaction().execute(async (transaction) => {
        await endOthers(userId, to, transaction);
        await mailedLinks.queue(transaction, {
          kind: 'confirm_address',
          userId,
          address: to,
          to,
          username: user.username,
          data: { email: to },
        });
      });
      mail.sent();
    },

    changeEmail: async (request, userId, email) => {
      requireMail();
      const user = await accounts.find(userId);
      if (user === undefined) return;
      if (user.emailVerified && sameAddress(user.email, email)) {
        // There is nothing to confirm: it takes back what was asked for before.
        await endOthers(userId, email);
        return;
      }
      await mailedLinks.takeAddress(request);
      if (!(await mailedLinks.takeRecipient(email))) return;
      const passwords = credentials.passwords();
      const hash = (await passwords?.find(database, userId)) ?? null;
      // A thief changes the password first, and the address then.
      const replaced = (await passwords?.findReplaced(database, userId)) ?? [];
      const event: LinkEvent = { event: 'email.change_requested', userId };
      await database.transaction().execute(async (transaction) => {
        await endOthers(userId, email, transaction);
        await record(transaction, request, [event]);
        // Kept for somebody else, who is not to hear of it. It cannot be confirmed.
        if (await flows.holdsAddress(email, { kind: WAY_BACK, exceptUserId: userId }, transaction)) return;
        await mailedLinks.queue(transaction, {
          kind: 'confirm_new_address',
          userId,
          address: email,
          to: email,
          username: user.username,
          data: { email, hash, replaced },
        });
      });
      mail.sent();
      report(request, event);
    },
  };
};
