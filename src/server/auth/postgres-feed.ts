import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { z } from 'zod';
import { REVOCATION_CAUSES } from '../../shared/auth/index.ts';
import { REVOCATION_CHANNEL } from './migrations.ts';
import type { FeedListener, RevocationFeed, RevocationNotice } from './revocation-feed.ts';
import type { AuthDatabase } from './tables.ts';

/** The part of pg's `Client` that the feed uses. */
export interface ListeningClient {
  connect(): Promise<unknown>;
  query(text: string): Promise<unknown>;
  end(): Promise<void>;
  on(event: 'notification', listener: (message: { channel: string; payload?: string | undefined }) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
}

export interface PostgresFeedOptions {
  /** The pool, through which beats are sent: whatever stands between it and the listening connection is tested with them. */
  database: AuthDatabase;
  /** A connection of its own, for LISTEN. Called again for every reconnect. */
  connect: () => ListeningClient;
  /** How often a beat is sent, in milliseconds. Default 1,000. */
  beatInterval?: number;
  /** How long a returned beat counts, in milliseconds. Default 5,000. */
  liveFor?: number;
  /** A clock that never jumps, in milliseconds. Default `performance.now`. */
  monotonic?: () => number;
}

const noticeSchema: z.ZodType<RevocationNotice> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('session'), sid: z.string(), cause: z.enum(REVOCATION_CAUSES) }),
  z.object({ kind: z.literal('user'), userId: z.string(), ver: z.int() }),
]);

const readNotice = (payload: string): RevocationNotice | undefined => {
  try {
    return noticeSchema.safeParse(JSON.parse(payload)).data;
  } catch {
    return undefined; // Somebody else's notice on our channel.
  }
};

/**
 * The revocation feed on Postgres: triggers notify, a connection of its own listens. LISTEN comes first, then the catch-up, so that
 * nothing falls between. Live means that a beat sent through the pool came back here within the last five seconds: a half-open
 * connection or a transaction pooler delivers nothing and reports nothing.
 */
export const createPostgresFeed = (options: PostgresFeedOptions): RevocationFeed => {
  const { database, connect, beatInterval = 1000, liveFor = 5000, monotonic = () => performance.now() } = options;
  const beatChannel = `auth_beat_${randomUUID().replaceAll('-', '')}`;

  let lastReturnedBeat = Number.NEGATIVE_INFINITY;
  let isStopped = false;
  let wakeUp = (): void => {};
  const isLive = () => monotonic() - lastReturnedBeat < liveFor;

  const pause = (milliseconds: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      timer.unref();
      wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  /** One connection, from its start to its end. Tells when it became live. */
  const listen = async ({ catchUp, notice }: FeedListener, onLive: () => void): Promise<void> => {
    const client = connect();
    let isOpen = true;
    const close = () => {
      isOpen = false;
      wakeUp();
    };
    client.on('error', close);
    client.on('end', close);
    client.on('notification', ({ channel, payload = '' }) => {
      if (channel === beatChannel) {
        lastReturnedBeat = Number(payload);
        onLive();
      } else {
        const known = readNotice(payload);
        if (known !== undefined) notice(known);
      }
    });

    try {
      await client.connect();
      await client.query(`listen ${REVOCATION_CHANNEL}`);
      await client.query(`listen ${beatChannel}`);
      await catchUp();
      const connectedAt = monotonic();
      while (isOpen && !isStopped && (isLive() || monotonic() - connectedAt < liveFor)) {
        await sql`select pg_notify(${beatChannel}, ${String(monotonic())})`.execute(database);
        await pause(beatInterval);
      }
    } finally {
      isOpen = false;
      lastReturnedBeat = Number.NEGATIVE_INFINITY;
      // It may be half-open and never answer a good-bye.
      void client.end().catch(() => {});
    }
  };

  return {
    start: (listener) =>
      new Promise<void>((resolve) => {
        const run = async (): Promise<void> => {
          while (!isStopped) {
            try {
              await listen(listener, resolve);
            } catch {
              // The store cannot be reached: the feed is not live, the gate asks the store instead, and says so.
            }
            resolve();
            if (!isStopped) await pause(beatInterval);
          }
        };
        void run();
      }),
    isLive,
    stop: async () => {
      isStopped = true;
      wakeUp();
      await Promise.resolve();
    },
  };
};
