import type { Clock } from '../../clock.ts';
import type { Initiator, Report } from '../../events.ts';
import { changeAndRecord, type RecordEvents } from '../../store/recording.ts';
import type { AuthDatabase } from '../../store/tables.ts';
import type { MailEvent } from './mail-events.ts';
import type { MailStore } from './mail-store.ts';
import type { MailRow } from './mail-tables.ts';
import type { Ending } from './outbox.ts';

/** Nobody's request: what is sent is sent for whoever caused it. */
const OUTBOX: Initiator = { id: 'outbox', address: null, userAgent: null };

/** What there is to tell of it: nothing where it is kept to be read here. */
const eventOf = ({ kind, user_id: userId }: MailRow, how: Ending): MailEvent | undefined => {
  const about = { kind, ...(userId !== null && { userId }) };
  switch (how) {
    case 'kept':
      return undefined;
    case 'sent':
      return { event: 'mail.sent', ...about };
    case 'dropped':
      return { event: 'mail.dropped', ...about };
    default:
      return { event: 'mail.failed', reason: how, ...about };
  }
};

/** Notes how a mail ended, and tells of it. One that failed is recorded with that note: both or neither. */
export const createEndMail =
  ({
    database,
    clock,
    store,
    report,
    record,
  }: {
    database: AuthDatabase;
    clock: Pick<Clock, 'now'>;
    store: Pick<MailStore, 'end'>;
    report: Report<MailEvent>;
    record: RecordEvents<MailEvent>;
  }) =>
  async (mail: MailRow, how: Ending): Promise<void> => {
    const event = eventOf(mail, how);
    if (event?.event === 'mail.failed') {
      const note = (db: AuthDatabase) => store.end(db, mail, 'failed', clock.now());
      await changeAndRecord({ database, record }, OUTBOX, note, () => [event]);
    } else {
      await store.end(database, mail, how === 'sent' || how === 'kept' ? how : 'dropped', clock.now());
    }
    if (event !== undefined) report(OUTBOX, event);
  };
