import { randomUUID } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { createInterrupt } from '../../interrupt.ts';
import type { ChannelListener } from '../store.ts';

/** The part of pg's `Client` that a listener uses. */
export interface ListeningClient {
  connect(): Promise<unknown>;
  query(text: string): Promise<unknown>;
  end(): Promise<void>;
  on(event: 'notification', listener: (message: { channel: string; payload?: string | undefined }) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  readonly connection: { readonly stream: { destroy(): unknown } };
}

export interface PostgresListenerOptions<TTables> {
  /**
   * The pool, through which beats are sent: whatever stands between it and the listening connection is tested with
   * them.
   */
  database: Kysely<TTables>;
  /** A connection of its own, for LISTEN. Called again for every reconnect. */
  connect: () => ListeningClient;
  /** How often a beat is sent, in milliseconds. @default 1_000 */
  beatIntervalMs?: number;
  /** How long a returned beat counts, in milliseconds. @default 5_000 */
  liveFor?: number;
  /** How long a connection may take to listen and to catch up, in milliseconds. @default 30_000 */
  startTimeoutMs?: number;
  /** A clock that never jumps, in milliseconds. @default performance.now */
  monotonic?: () => number;
  /** Called when the listener goes live or stops being live, for the log. */
  onChange?: (isLive: boolean) => void;
}

export type PostgresListener = ReturnType<typeof createPostgresListener>;

const NEVER = Number.NEGATIVE_INFINITY;

/**
 * Hears NOTIFY on a connection of its own. LISTEN comes first, then the catch-up, so that nothing falls between. Live
 * means that a beat sent through the pool came back here within the last five seconds: a half-open connection or a
 * transaction pooler delivers nothing and reports nothing.
 *
 * Beats also keep both at one server. After a failover, in which the old primary may live on, the pool moves first, its
 * beats come back no more, and this connection is given up for one that leads where the pool's do. Hence a beat before
 * the catch-up as well: what is read through the pool says nothing about another server. A standby takes no LISTEN.
 */
export const createPostgresListener = <TTables>(options: PostgresListenerOptions<TTables>) => {
  const { database, connect, beatIntervalMs = 1000, liveFor = 5000, startTimeoutMs = 30_000 } = options;
  const { monotonic = () => performance.now(), onChange = () => {} } = options;
  const channels = new Map<string, ChannelListener>();

  let lastReturnedBeat = NEVER;
  let isStopped = false;
  let giveUp = (): void => {};
  const lag = () => monotonic() - lastReturnedBeat;
  const isLive = () => lag() < liveFor;

  const pause = (milliseconds: number) =>
    new Promise<void>((resolve) => {
      setTimeout(resolve, milliseconds).unref();
    });

  /**
   * One connection, from its start to its end: rejects when it is lost, settles when it has been silent for too long.
   */
  const runConnection = async (onLive: () => void): Promise<void> => {
    const client = connect();
    // Of this connection alone: what comes late, from one that was given up, says nothing of it.
    const beatChannel = `beat_${randomUUID().replaceAll('-', '')}`;
    let isOpen = true;
    const { raise, race: unlessLost } = createInterrupt();
    const lose = (): void => {
      // At once, whatever this connection is waiting for.
      isOpen = false;
      if (lastReturnedBeat !== NEVER) onChange(false);
      lastReturnedBeat = NEVER;
      raise(new Error('The listening connection is lost.'));
    };

    giveUp = lose;
    client.on('error', lose);
    client.on('end', lose);
    let isCaughtUp = false;
    let meetPool = (): void => {};
    const metPool = new Promise<'met'>((resolve) => {
      meetPool = () => resolve('met');
    });
    client.on('notification', ({ channel, payload = '' }) => {
      if (channel !== beatChannel) {
        channels.get(channel)?.notice(payload);
        return;
      }
      meetPool();
      if (!isOpen || !isCaughtUp) return;
      if (lastReturnedBeat === NEVER) onChange(true);
      lastReturnedBeat = Number(payload);
      onLive();
    });

    let isBeating = false;
    let isBeatDue = false;
    /** One at a time. What is asked for in the meantime is sent after it, at once: it may be the first that counts. */
    const beat = async (): Promise<void> => {
      isBeatDue = true;
      if (isBeating) return;
      isBeating = true;
      while (isBeatDue && isOpen) {
        isBeatDue = false;
        try {
          await sql`select pg_notify(${beatChannel}, ${String(monotonic())})`.execute(database);
        } catch {
          // The pool is in trouble, of which this connection may know nothing. One beat that is missing is not the end
          // of it.
        }
      }
      isBeating = false;
    };

    /** Settles when a beat has come back, or a connection that was never live has been silent for too long. */
    const meet = async (): Promise<boolean> => {
      for (const since = monotonic(); monotonic() - since < liveFor; ) {
        // Not waited for: through a pool that hangs it takes longer than the connection may stay silent.
        void beat();
        if ((await unlessLost(Promise.race([metPool, pause(beatIntervalMs)]))) === 'met') return true;
      }
      return false;
    };

    const tooLate = setTimeout(lose, startTimeoutMs).unref();
    try {
      await unlessLost(client.connect());
      for (const channel of [beatChannel, ...channels.keys()]) await unlessLost(client.query(`listen "${channel}"`));
      if (!(await meet())) return;
      for (const { catchUp } of channels.values()) await unlessLost(catchUp());
      isCaughtUp = true;
      clearTimeout(tooLate);
      const connectedAt = monotonic();
      while (isLive() || monotonic() - connectedAt < liveFor) {
        void beat();
        await unlessLost(pause(beatIntervalMs));
      }
    } finally {
      clearTimeout(tooLate);
      lose();
      // One that is half-open would never answer a good-bye, and stay for as long as the system keeps it.
      if (isStopped) void client.end().catch(() => {});
      else client.connection.stream.destroy();
    }
  };

  return {
    /** Before `start`. */
    listen: (channel: string, listener: ChannelListener): void => {
      channels.set(channel, listener);
    },
    /** Settles when the first connection is live, or has failed: then it goes on trying. At once after a stop. */
    start: async (): Promise<void> => {
      if (isStopped) return;
      await new Promise<void>((resolve) => {
        const run = async (): Promise<void> => {
          while (!isStopped) {
            try {
              await runConnection(resolve);
            } catch {
              // The store cannot be reached. The listener is not live, so its users ask the store, and
              // says so.
            }
            resolve();
            if (!isStopped) await pause(beatIntervalMs);
          }
        };
        void run();
      });
    },
    isLive,
    /** How long ago the last beat that came back was sent, in milliseconds. Infinity when none did. */
    lag,
    stop: async (): Promise<void> => {
      isStopped = true;
      giveUp();
      await Promise.resolve();
    },
  };
};
