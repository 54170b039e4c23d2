import type { Report } from '../../events.ts';
import type { AuthCore } from '../../feature.ts';
import type { AuthRequest } from '../../request.ts';
import type { RecordEvents } from '../../store/recording.ts';
import { refuseMail } from '../mail/index.ts';
import type { Later } from './later.ts';
import type { RecoveryEvent } from './recovery-events.ts';

export interface RequestResetOptions {
  core: AuthCore;
  later: Later;
}

export type RequestReset = (request: AuthRequest, email: string) => Promise<void>;

/**
 * Mails a link to the account that has the address, if there is one. The answer waits for none of it: whether there is
 * an account cannot be told from it, nor from its time (ASVS 6.3.8).
 * @throws `mail_unavailable`, `rate_limited` by the address of the caller: both tell nothing of an account.
 */
export const createRequestReset = ({ core, later }: RequestResetOptions): RequestReset => {
  const { database, accounts, mail, mailedLinks } = core;
  const report: Report<RecoveryEvent> = core.report;
  const record: RecordEvents<RecoveryEvent> = core.record;

  const send = async (request: AuthRequest, email: string): Promise<void> => {
    if (!(await mailedLinks.takeRecipient(email))) return;
    const user = await accounts.findByIdentifier(email);
    if (user === undefined || user.email === null || user.disabled_at !== null) return;
    const { id: userId, email: to, username, ver } = user;
    const event: RecoveryEvent = { event: 'password.reset_requested', userId };
    await database.transaction().execute(async (transaction) => {
      await mailedLinks.queue(transaction, { kind: 'reset', userId, address: to, ver, to, username });
      await record(transaction, request, [event]);
    });
    mail.sent();
    report(request, event);
  };

  return async (request, email) => {
    if (!mail.isOn()) throw refuseMail('mail_unavailable');
    await mailedLinks.takeAddress(request);
    if (!later.run(() => send(request, email))) report(request, { event: 'password.reset_dropped' });
  };
};
