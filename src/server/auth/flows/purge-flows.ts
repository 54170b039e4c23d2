import { DAY } from '../clock.ts';
import type { Purge } from '../store/purging.ts';
import type { AuthDatabase } from '../store/tables.ts';

/** For how long one that is over stays: the mail that carries its name is looked for no longer. */
const ENDED_FLOWS_KEPT_MS = DAY;

/** Flows that were over a day ago. Walked along the primary key, as sessions are. */
export const purgeFlows =
  (database: AuthDatabase): Purge =>
  async ({ after, limit, now }) => {
    const last = await database
      .selectFrom('auth_flows')
      .select('name_hash')
      .where('name_hash', '>', after)
      .orderBy('name_hash')
      .limit(1)
      .offset(limit - 1)
      .executeTakeFirst();
    const { numDeletedRows } = await database
      .deleteFrom('auth_flows')
      .where('name_hash', '>', after)
      .$if(last !== undefined, (query) => query.where('name_hash', '<=', last?.name_hash ?? ''))
      .where('ends_at', '<=', now - ENDED_FLOWS_KEPT_MS)
      .executeTakeFirstOrThrow();
    return { purged: Number(numDeletedRows), next: last?.name_hash };
  };
