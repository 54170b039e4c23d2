import type { AnyRouter } from '@trpc/server';

/** How an app has events sent: `initTRPC.create({ sse })`. */
export type SseOptions = NonNullable<AnyRouter['_def']['_config']['sse']>;

/** The events of a subscription. */
export interface Events {
  /** Fails at once where the subscription could not begin. */
  source: AsyncIterable<unknown>;
  /** The shape of the error that they end with. */
  describe(cause: unknown): unknown;
}

const DEFAULT_PING_MS = 1000;

/** Milliseconds; undefined where nothing is to be said in between. */
export const pingIntervalOf = ({ ping }: SseOptions): number | undefined => {
  const intervalMs = ping?.intervalMs ?? DEFAULT_PING_MS;
  return ping?.enabled === true && intervalMs !== Number.POSITIVE_INFINITY && intervalMs > 0 ? intervalMs : undefined;
};

/** @throws Error when clients would take each silence between two pings for the end, as tRPC says it. */
export const checkPings = ({ ping, client }: SseOptions = {}): void => {
  const patienceMs = client?.reconnectAfterInactivityMs;
  const intervalMs = ping?.intervalMs ?? DEFAULT_PING_MS;
  if (ping?.enabled !== true || patienceMs === undefined || patienceMs === 0 || intervalMs <= patienceMs) return;
  throw new Error(
    `Ping interval must be less than client reconnect interval to prevent unnecessary reconnection - ping.intervalMs: ${intervalMs} client.reconnectAfterInactivityMs: ${patienceMs}`,
  );
};

/** Aborts after so long, unless it has been aborted before. */
export const abortAfter = (controller: AbortController, milliseconds: number | undefined): void => {
  if (milliseconds === undefined || milliseconds === 0) return;
  const timer = setTimeout(() => controller.abort(), milliseconds);
  controller.signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
};
