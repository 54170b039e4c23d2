import type { Purge } from '../../store/purging.ts';
import type { AuthDatabase } from '../../store/tables.ts';
import { withEvents } from './audit-tables.ts';
import { idBefore } from './event-ids.ts';

/**
 * So many of the newest events are kept that are nobody's. Refused logins with names that no account has are all that a
 * stranger can add without an account: however many addresses they come from, they stay a small table.
 */
export const MAX_STRAY_EVENTS = 10_000;

/** Events that are older than that. */
export const purgeOldEvents = (database: AuthDatabase, retentionMs: number): Purge => {
  const db = withEvents(database);
  return async ({ limit, now }) => {
    const oldest = idBefore(now - retentionMs);
    const last = await db
      .selectFrom('auth_events')
      .select('id')
      .where('id', '<', oldest)
      .orderBy('id')
      .limit(1)
      .offset(limit - 1)
      .executeTakeFirst();
    const { numDeletedRows } = await db
      .deleteFrom('auth_events')
      .where('id', '<', oldest)
      .$if(last !== undefined, (query) => query.where('id', '<=', last?.id ?? ''))
      .executeTakeFirstOrThrow();
    return { purged: Number(numDeletedRows), next: last && 'more' };
  };
};

/** The oldest of those that are nobody's, where they are too many. */
export const purgeStrayEvents = (database: AuthDatabase, kept = MAX_STRAY_EVENTS): Purge => {
  const stray = () => withEvents(database).selectFrom('auth_events').select('id').where('user_id', 'is', null);
  return async ({ limit }) => {
    const newest = await stray().orderBy('id', 'desc').limit(1).offset(kept).executeTakeFirst();
    if (newest === undefined) return { purged: 0, next: undefined };
    const last = await stray()
      .where('id', '<=', newest.id)
      .orderBy('id')
      .limit(1)
      .offset(limit - 1)
      .executeTakeFirst();
    const { numDeletedRows } = await withEvents(database)
      .deleteFrom('auth_events')
      .where('user_id', 'is', null)
      .where('id', '<=', last?.id ?? newest.id)
      .executeTakeFirstOrThrow();
    return { purged: Number(numDeletedRows), next: last && 'more' };
  };
};
