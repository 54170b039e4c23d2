import { isTrackedEnvelope } from '@trpc/server';
import { type Events, pingIntervalOf, type SseOptions } from './events.ts';
import type { Host } from './host.ts';
import type { UnreadAnswers } from './unread-answers.ts';

/** For what comes right behind the first event, where the answer is to end with it. */
const GRACE_MS = 1;

export interface EventStreamOptions<TExchange> {
  sse: SseOptions;
  serialize(value: unknown): unknown;
  /** Aborts when the stream is to end at once: its client has left, or its time is over. */
  signal: AbortSignal;
  unread: UnreadAnswers<TExchange>;
}

/**
 * An event in the text of server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html), as tRPC
 * writes it.
 */
const named = (event: string, data: string): string => `event: ${event}\ndata: ${data}\n\n\n`;

const eventOf = (value: unknown, serialize: (data: unknown) => unknown): string => {
  if (!isTrackedEnvelope(value)) return `data: ${JSON.stringify(serialize(value))}\n\n\n`;
  const [id, data] = value;
  return `data: ${JSON.stringify(serialize(data))}\nid: ${id}\n\n\n`;
};

const isAbortError = (cause: unknown): boolean =>
  typeof cause === 'object' && cause !== null && 'name' in cause && cause.name === 'AbortError';

/**
 * Sends the events of a subscription as they come, no faster than they are read, with something in between when none
 * comes. Settles when the stream is over, one way or another.
 */
export const sendEvents = async <TExchange>(
  host: Host<TExchange>,
  exchange: TExchange,
  { source, describe }: Events,
  { sse, serialize, signal, unread }: EventStreamOptions<TExchange>,
): Promise<void> => {
  let iterator: AsyncIterator<unknown> | undefined;
  let isOver = false;
  let isHeld = false;
  let endEarly: NodeJS.Timeout | undefined;

  const pingMs = pingIntervalOf(sse);
  const pinging =
    pingMs === undefined
      ? undefined
      : setTimeout(() => {
          // To a client that does not read, its connection must look as silent as it is.
          if (!isHeld) host.write(exchange, named('ping', ''));
          pinging?.refresh();
        }, pingMs);

  const end = (): void => {
    if (isOver) return;
    isOver = true;
    clearTimeout(pinging);
    clearTimeout(endEarly);
    signal.removeEventListener('abort', leave);
    host.endStream(exchange);
  };
  /** In the middle: the producer of the events is told. */
  const leave = (): void => {
    end();
    // Not awaited: a generator that waits for its next event returns only after that.
    iterator?.return?.().catch(() => {}); // Nobody is left who could be told.
  };

  const send = async (text: string): Promise<void> => {
    pinging?.refresh();
    if (host.write(exchange, text)) return;
    isHeld = true;
    unread.add(exchange, Buffer.byteLength(text));
    await host.drained(exchange);
    unread.clear(exchange);
    isHeld = false;
  };

  if (signal.aborted) {
    end();
    return;
  }
  signal.addEventListener('abort', leave);
  try {
    await send(named('connected', JSON.stringify(sse.client ?? {})));
    if (isOver) return;
    iterator = source[Symbol.asyncIterator]();
    let next = await iterator.next();
    while (!next.done && !isOver) {
      const sent = send(eventOf(next.value, serialize));
      if (sse.emitAndEndImmediately) endEarly ??= setTimeout(leave, GRACE_MS);
      await sent;
      next = await iterator.next();
    }
    if (!isOver) host.write(exchange, named('return', ''));
  } catch (cause) {
    if (!isOver && !isAbortError(cause)) {
      host.write(exchange, named('serialized-error', JSON.stringify(serialize(describe(cause)))));
    }
  }
  end();
};
