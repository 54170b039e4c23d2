import type { Response } from 'express';

/** How many bytes of answers may wait in memory for clients to read them. */
export interface AnswerLimits {
  /** Of one answer: to a batch of queries, or read ahead of what a stream could send. */
  batch: number;
  /** Of all answers of this process together. The one that has waited for longest makes room. */
  process: number;
}

export const ANSWER_LIMITS: AnswerLimits = { batch: 4_000_000, process: 64_000_000 };

export interface UnreadAnswers {
  /** So many bytes more wait for this client. Others are cut off when there is no room for them. */
  add: (res: Response, bytes: number) => void;
  /** They have been read. So they have when the response closes. */
  clear: (res: Response) => void;
}

/**
 * Counts the bytes that wait to be read. A client that reads nothing costs what it was to be sent, however little it
 * asked for it, until its connection times out, and it may have as many connections as it likes.
 * @param onCut is told of each response that is destroyed to make room.
 */
export const createUnreadAnswers = (limit: number, onCut: (res: Response) => void): UnreadAnswers => {
  /** Those that have waited for longest first. */
  const waiting = new Map<Response, number>();
  const watched = new WeakSet<Response>();
  let total = 0;

  const clear = (res: Response): void => {
    total -= waiting.get(res) ?? 0;
    waiting.delete(res);
  };

  const makeRoom = (newest: Response): void => {
    for (const res of waiting.keys()) {
      if (total <= limit || res === newest) return;
      clear(res);
      onCut(res);
      res.destroy();
    }
  };

  return {
    add: (res, bytes) => {
      if (res.destroyed) return;
      if (!watched.has(res)) res.once('close', () => clear(res));
      watched.add(res);
      const before = waiting.get(res) ?? 0;
      waiting.delete(res);
      waiting.set(res, before + bytes);
      total += bytes;
      makeRoom(res);
    },
    clear,
  };
};
