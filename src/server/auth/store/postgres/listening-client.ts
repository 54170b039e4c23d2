import pg from 'pg';
import { STAY_WHEN_IDLE } from './pool.ts';
import { ANSWER_TIMEOUT_MS, CONNECT_TIMEOUT_MS } from './timeouts.ts';

/**
 * A connection outside of the pool that is not connected yet, for LISTEN: it stays open and mostly idle. In a file that
 * the declarations of no entry reach: an app has pg, and perhaps not its types.
 */
export const createListeningClient = (url: string): pg.Client => {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    application_name: 'latchkey feed',
  });
  // In front of whatever is asked of it. If it fails, so does what comes next, which is heard of.
  client.once('connect', () => void client.query(STAY_WHEN_IDLE).catch(() => undefined));
  return client;
};
