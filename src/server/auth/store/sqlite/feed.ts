import { sql } from 'kysely';
import type { RevocationFeed } from '../revocation-feed.ts';
import type { AuthDatabase } from '../tables.ts';

/** How often another process's writes are looked for, in milliseconds. */
const POLL_INTERVAL_MS = 100;
/** The feed is live while the last look was no longer ago than this. */
const LIVE_FOR_MS = 1000;

/**
 * The revocation feed on SQLite. This process's own revocations are known without it; those of another one (a shell
 * command beside the server) change `PRAGMA data_version`, which is polled.
 */
export const createSqliteFeed = ({ database }: { database: AuthDatabase }): RevocationFeed => {
  let timer: NodeJS.Timeout | undefined;
  let lastSeenVersion: number | undefined;
  let lastLook = Number.NEGATIVE_INFINITY;
  let stopped = false;

  const readVersion = async (): Promise<number> => {
    const { rows } = await sql<{ data_version: number }>`pragma data_version`.execute(database);
    return rows[0]?.data_version ?? 0;
  };

  return {
    start: async ({ catchUp }) => {
      const look = async (): Promise<void> => {
        const version = await readVersion();
        if (version !== lastSeenVersion) {
          await catchUp();
          lastSeenVersion = version;
        }
        // Monotonic, and apart from the injected clock: it tells how long this process has not looked.
        lastLook = performance.now();
      };

      const poll = async (): Promise<void> => {
        try {
          await look();
        } catch {
          // The database is busy or gone: the feed is no longer live, the gate asks it instead, and says what is wrong
          // with it.
        }
        if (!stopped) pollLater();
      };
      const pollLater = (): void => {
        timer = setTimeout(() => void poll(), POLL_INTERVAL_MS).unref();
      };

      await look();
      pollLater();
    },
    isLive: () => performance.now() - lastLook < LIVE_FOR_MS,
    lag: () => performance.now() - lastLook,
    // The other processes find the rows when they poll.
    announce: () => Promise.resolve(),
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await Promise.resolve();
    },
  };
};
