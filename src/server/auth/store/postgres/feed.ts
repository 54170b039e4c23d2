import { type Kysely, sql } from 'kysely';
import { z } from 'zod/v4';
import { revocationCauseOf } from '../revocation-cause.ts';
import type { Announce, FeedListener, RevocationFeed, RevocationNotice } from '../revocation-feed.ts';
import { revocationChannel } from '../revocation-triggers.ts';
import type { PostgresListener } from './listener.ts';

const noticeSchema: z.ZodType<RevocationNotice> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('session'), sid: z.string(), cause: z.unknown().transform(revocationCauseOf) }),
  z.object({ kind: z.literal('user'), userId: z.string(), ver: z.int() }),
]);

/**
 * Sends notices to every process that listens, in one statement. Its commit waits for no disk: a notice that a crash
 * takes with it has no listener left either.
 */
export const notifyOf =
  (database: Kysely<unknown>, schema: string) =>
  async (notices: readonly RevocationNotice[]): Promise<void> => {
    const payloads = notices.map((notice) => JSON.stringify(notice));
    await sql`
      select pg_notify(${revocationChannel(schema)}, payload)
      from set_config('synchronous_commit', 'off', true), unnest(${payloads}::text[]) as payload`.execute(database);
  };

const readNotice = (payload: string): RevocationNotice | undefined => {
  try {
    return noticeSchema.safeParse(JSON.parse(payload)).data;
  } catch {
    return undefined; // Somebody else's notice on our channel.
  }
};

/** How often the rows are looked at, for what a process wrote that died before it announced it. */
const LOOK_INTERVAL_MS = 5_000;

/** How far each look goes back: rows have the clock time of their writer, which is not the order of commits. */
const LOOK_BACK_MS = 60_000;

export interface PostgresFeedOptions {
  listener: PostgresListener;
  announce: Announce;
  schema: string;
  /** @default 5_000 */
  lookIntervalMs?: number | undefined;
}

/**
 * The revocation feed on Postgres: the process that revokes notifies, or the triggers of `authMigrations` do; a
 * listener hears.
 */
export const createPostgresFeed = (options: PostgresFeedOptions): RevocationFeed => {
  const { listener, announce, schema, lookIntervalMs = LOOK_INTERVAL_MS } = options;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;

  const lookLater = (catchUp: FeedListener['catchUp']): void => {
    if (isStopped) return;
    timer = setTimeout(() => {
      // While it is not live the store is asked anyway, and all is read once it is.
      const look = listener.isLive() ? catchUp(LOOK_BACK_MS).catch(() => undefined) : Promise.resolve();
      void look.then(() => lookLater(catchUp));
    }, lookIntervalMs).unref();
  };

  return {
    start: async ({ catchUp, notice }) => {
      listener.listen(revocationChannel(schema), {
        catchUp,
        notice: (payload) => {
          const known = readNotice(payload);
          if (known !== undefined) notice(known);
        },
      });
      lookLater(catchUp);
      await listener.start();
    },
    isLive: listener.isLive,
    lag: listener.lag,
    announce,
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      await listener.stop();
    },
  };
};
