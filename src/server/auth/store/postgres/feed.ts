import { type Kysely, type RawBuilder, sql } from 'kysely';
import { z } from 'zod/v4';
import { prepare } from '../prepared-statement.ts';
import { revocationCauseOf } from '../revocation-cause.ts';
import type { Announce, FeedListener, RevocationFeed, RevocationNotice } from '../revocation-feed.ts';
import { revocationChannel } from '../revocation-triggers.ts';
import type { PostgresListener } from './listener.ts';

const noticeSchema: z.ZodType<RevocationNotice> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('session'), sid: z.string(), cause: z.unknown().transform(revocationCauseOf) }),
  z.object({ kind: z.literal('proof'), sid: z.string(), sver: z.int() }),
  z.object({ kind: z.literal('user'), userId: z.string(), ver: z.int() }),
]);

/** Below the 8,000 bytes that Postgres allows, with the longest of ids. */
const MAX_PER_PAYLOAD = 20;

const payloadsOf = (notices: readonly RevocationNotice[]): string[] => {
  const payloads: string[] = [];
  for (let start = 0; start < notices.length; start += MAX_PER_PAYLOAD) {
    payloads.push(JSON.stringify(notices.slice(start, start + MAX_PER_PAYLOAD)));
  }
  return payloads;
};

/**
 * Sends notices to every process that listens, in one statement. Its commit waits for no disk: a notice that a crash
 * takes with it has no listener left either.
 */
export const notifyOf = (database: Kysely<unknown>, schema: string) => {
  const channel = revocationChannel(schema);
  const compiledBy = (statement: RawBuilder<unknown>) => ({ compile: () => statement.compile(database) });
  const notifyOnce = prepare<{ payload: string }>()(({ payload }) =>
    compiledBy(sql`select pg_notify(${channel}, ${payload}) from set_config('synchronous_commit', 'off', true)`),
  );
  const notifyOften = prepare<{ payloads: readonly string[] }>()(({ payloads }) =>
    compiledBy(sql`select pg_notify(${channel}, payload)
      from set_config('synchronous_commit', 'off', true), unnest(${payloads}::text[]) as payload`),
  );
  return async (notices: readonly RevocationNotice[]): Promise<void> => {
    const payloads = payloadsOf(notices);
    const [payload] = payloads;
    // An array costs Postgres more than the notice in it.
    if (payload !== undefined && payloads.length === 1) await notifyOnce(database, { payload });
    else await notifyOften(database, { payloads });
  };
};

/** One notice of a trigger, or several of a process. What is somebody else's, on our channel, is none. */
const readNotices = (payload: string): RevocationNotice[] => {
  try {
    const read: unknown = JSON.parse(payload);
    return (Array.isArray(read) ? read : [read]).flatMap((one) => noticeSchema.safeParse(one).data ?? []);
  } catch {
    return [];
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
          for (const one of readNotices(payload)) notice(one);
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
