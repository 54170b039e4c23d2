import { randomUUID } from 'node:crypto';
import { type Kysely, sql } from 'kysely';

/** The part of pg's `Client` that a listener uses. */
export interface ListeningClient {
  connect(): Promise<unknown>;
  query(text: string): Promise<unknown>;
  end(): Promise<void>;
  on(event: 'notification', listener: (message: { channel: string; payload?: string | undefined }) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
}

export interface PostgresListenerOptions<TTables> {
  /** The pool, through which beats are sent: whatever stands between it and the listening connection is tested with them. */
  database: Kysely<TTables>;
  /** A connection of its own, for LISTEN. Called again for every reconnect. */
  connect: () => ListeningClient;
  /** How often a beat is sent, in milliseconds. Default 1,000. */
  beatInterval?: number;
  /** How long a returned beat counts, in milliseconds. Default 5,000. */
  liveFor?: number;
  /** A clock that never jumps, in milliseconds. Default `performance.now`. */
  monotonic?: () => number;
  /** Told when the listener becomes live, and when it no longer is, for the log. */
  onChange?: (isLive: boolean) => void;
}

export interface ChannelListener {
  notice(payload: string): void;
  /** Reads from the store all that may have been missed. Called at every (re)connect, after LISTEN. */
  catchUp(): Promise<void>;
}

export type PostgresListener = ReturnType<typeof createPostgresListener>;

/**
 * Hears NOTIFY on a connection of its own. LISTEN comes first, then the catch-up, so that nothing falls between. Live means that a beat
 * sent through the pool came back here within the last five seconds: a half-open connection or a transaction pooler delivers
 * nothing and reports nothing.
 */
export const createPostgresListener = <TTables>(options: PostgresListenerOptions<TTables>) => {
  const { database, connect, beatInterval = 1000, liveFor = 5000, monotonic = () => performance.now() } = options;
  const { onChange = () => {} } = options;
  const beatChannel = `beat_${randomUUID().replaceAll('-', '')}`;
  const channels = new Map<string, ChannelListener>();

  let lastReturnedBeat = Number.NEGATIVE_INFINITY;
  let isStopped = false;
  let wakeUp = (): void => {};
  const lag = () => monotonic() - lastReturnedBeat;
  const isLive = () => lag() < liveFor;

  const pause = (milliseconds: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds).unref();
      wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  /** One connection, from its start to its end. */
  const runConnection = async (onLive: () => void): Promise<void> => {
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
        if (lastReturnedBeat === Number.NEGATIVE_INFINITY) onChange(true);
        lastReturnedBeat = Number(payload);
        onLive();
      } else {
        channels.get(channel)?.notice(payload);
      }
    });

    try {
      await client.connect();
      for (const channel of [beatChannel, ...channels.keys()]) await client.query(`listen "${channel}"`);
      for (const { catchUp } of channels.values()) await catchUp();
      const connectedAt = monotonic();
      while (isOpen && !isStopped && (isLive() || monotonic() - connectedAt < liveFor)) {
        await sql`select pg_notify(${beatChannel}, ${String(monotonic())})`.execute(database);
        await pause(beatInterval);
      }
    } finally {
      isOpen = false;
      if (lastReturnedBeat !== Number.NEGATIVE_INFINITY) onChange(false);
      lastReturnedBeat = Number.NEGATIVE_INFINITY;
      // It may be half-open and never answer a good-bye.
      void client.end().catch(() => {});
    }
  };

  return {
    /** Before `start`. */
    listen: (channel: string, listener: ChannelListener): void => {
      channels.set(channel, listener);
    },
    /** Settles when the first connection is live, or has failed: then it goes on trying. */
    start: () =>
      new Promise<void>((resolve) => {
        const run = async (): Promise<void> => {
          while (!isStopped) {
            try {
              await runConnection(resolve);
            } catch {
              // The store cannot be reached. The listener is not live, and whoever depends on it asks the store, and says so.
            }
            resolve();
            if (!isStopped) await pause(beatInterval);
          }
        };
        void run();
      }),
    isLive,
    /** How long ago the last beat that came back was sent, in milliseconds. Infinity when none did. */
    lag,
    stop: async (): Promise<void> => {
      isStopped = true;
      wakeUp();
      await Promise.resolve();
    },
  };
};
