import type { EventSummary } from '../../../../shared/auth/index.ts';
import type { ListEvents } from './list-events.ts';

const PAGE = 1_000;

/** More than a person makes in the time for which events are kept; a script may, and its export is to end. */
const MAX_EXPORTED = 50_000;

/** What happened to an account, as its owner sees it: the newest first. */
export const exportEvents =
  (list: ListEvents) =>
  async (userId: string): Promise<EventSummary[]> => {
    const exported: EventSummary[] = [];
    let cursor: string | undefined;
    do {
      const page = await list(userId, { cursor, limit: PAGE });
      // It was made for this user, by the page before.
      if (page === 'unknown_cursor') break;
      exported.push(...page.events);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined && exported.length < MAX_EXPORTED);
    return exported;
  };
