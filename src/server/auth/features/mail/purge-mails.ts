import { DAY } from '../../clock.ts';
import type { Purge } from '../../store/purging.ts';
import type { AuthDatabase } from '../../store/tables.ts';
import type { MailTables } from './mail-tables.ts';

/** For whoever asks whether a mail has left. */
const OVER_KEPT_MS = DAY;

/** Mails that left a day ago, or never will. */
export const purgeMails = (database: AuthDatabase): Purge => {
  const db = database.withTables<MailTables>();
  return async ({ limit, now }) => {
    const overBefore = now - OVER_KEPT_MS;
    const last = await db
      .selectFrom('auth_mails')
      .select('over_at')
      .where('over_at', '<=', overBefore)
      .orderBy('over_at')
      .limit(1)
      .offset(limit - 1)
      .executeTakeFirst();
    const { numDeletedRows } = await db
      .deleteFrom('auth_mails')
      .where('over_at', '<=', last?.over_at ?? overBefore)
      .executeTakeFirstOrThrow();
    return { purged: Number(numDeletedRows), next: last && 'more' };
  };
};
