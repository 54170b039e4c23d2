import type { Host } from './host.ts';

/** How many bytes of answers may wait in memory for clients to read them. */
export interface AnswerLimits {
  /** Of one answer: to a batch of queries, or read ahead of what a stream could send. */
  batch: number;
  /** Of all answers of this process together. The one that has waited for longest makes room. */
  process: number;
}

export const ANSWER_LIMITS: AnswerLimits = { batch: 4_000_000, process: 64_000_000 };

export interface UnreadAnswers<TExchange> {
  /** So many bytes more wait for this client. Others are cut off when there is no room for them. */
  add: (exchange: TExchange, bytes: number) => void;
  /** They have been read. So they have when the answer is over. */
  clear: (exchange: TExchange) => void;
}

/**
 * Counts the bytes that wait to be read. A client that reads nothing costs what it was to be sent, however little it
 * asked for it, until its connection times out, and it may have as many connections as it likes.
 * @param onCut called with each exchange that is cut off to make room.
 */
export const createUnreadAnswers = <TExchange extends object>(
  host: Host<TExchange>,
  limit: number,
  onCut: (exchange: TExchange) => void,
): UnreadAnswers<TExchange> => {
  /** Those that have waited for longest first. */
  const waiting = new Map<TExchange, number>();
  const watched = new WeakSet<TExchange>();
  let total = 0;

  const clear = (exchange: TExchange): void => {
    total -= waiting.get(exchange) ?? 0;
    waiting.delete(exchange);
  };

  const makeRoom = (newest: TExchange): void => {
    for (const exchange of waiting.keys()) {
      if (total <= limit || exchange === newest) return;
      clear(exchange);
      onCut(exchange);
      host.destroy(exchange);
    }
  };

  return {
    add: (exchange, bytes) => {
      if (host.isDisconnected(exchange)) return;
      if (!watched.has(exchange)) host.onClose(exchange, () => clear(exchange));
      watched.add(exchange);
      const before = waiting.get(exchange) ?? 0;
      waiting.delete(exchange);
      waiting.set(exchange, before + bytes);
      total += bytes;
      makeRoom(exchange);
    },
    clear,
  };
};
