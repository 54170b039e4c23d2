import { z } from 'zod/v4';
import type { EventSummary, EventsPage } from '../../../../shared/auth/index.ts';
import type { AuthDatabase } from '../../store/tables.ts';
import { type EventRow, withEvents } from './audit-tables.ts';
import { decodeCursor, encodeCursor } from './event-cursor.ts';

export interface EventsQuery {
  cursor?: string | undefined;
  limit: number;
}

/** Newest first, steady while others are added. `'unknown_cursor'` when the cursor was not made for this user. */
export type ListEvents = (userId: string, query: EventsQuery) => Promise<EventsPage | 'unknown_cursor'>;

const SHOWN = ['id', 'at', 'event', 'outcome', 'actor_id', 'session_id', 'ip', 'user_agent', 'detail'] as const;

const detailSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/** As the account's owner sees it: who else has done it is not told, nor from where. */
const summaryOf = (row: Pick<EventRow, (typeof SHOWN)[number]>): EventSummary => {
  const { systemUser: _, ...detail } = detailSchema.parse(JSON.parse(row.detail));
  const isByAnother = row.actor_id !== null || 'actor' in detail;
  return {
    id: row.id,
    at: new Date(row.at).toISOString(),
    event: row.event,
    outcome: row.outcome,
    ip: isByAnother ? null : row.ip,
    userAgent: isByAnother ? null : row.user_agent,
    sessionId: row.session_id,
    detail,
  };
};

export const createListEvents =
  (database: AuthDatabase): ListEvents =>
  async (userId, { cursor, limit }) => {
    const before = cursor === undefined ? undefined : decodeCursor(userId, cursor);
    if (cursor !== undefined && before === undefined) return 'unknown_cursor';
    const rows = await withEvents(database)
      .selectFrom('auth_events')
      .select(SHOWN)
      .where('user_id', '=', userId)
      .$if(before !== undefined, (query) => query.where('id', '<', before ?? ''))
      .orderBy('id', 'desc')
      // One more than asked for tells whether there is another page.
      .limit(limit + 1)
      .execute();
    const shown = rows.slice(0, limit);
    const last = rows.length > limit ? shown.at(-1) : undefined;
    return {
      events: shown.map(summaryOf),
      nextCursor: last === undefined ? null : encodeCursor(userId, last.id),
    };
  };
