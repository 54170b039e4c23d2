import { refuse } from 'latchkey/server';

/**
 * How many changes one person may make at once, and how many a second from then on. Counted by each process for itself.
 */
export const NOTE_WRITES = { atOnce: 500, aSecond: 10 } as const;

const SECOND = 1000;
const INTERVAL = SECOND / NOTE_WRITES.aSecond;
const MAX_DEBT = NOTE_WRITES.atOnce * INTERVAL;

export interface NoteWriteLimitOptions {
  /** Milliseconds, by a clock that nobody sets: what is counted is over when the process is. */
  monotonicNow: () => number;
}

/**
 * Slows down endless writing: each change is told to all streams of its user. It costs no statement. Nobody
 * who writes by hand meets it.
 */
export const createNoteWriteLimit = ({ monotonicNow }: NoteWriteLimitOptions) => {
  /** When each user’s changes will be paid off, those who wrote last behind. */
  const paidOffAt = new Map<string, number>();

  const forgetPaidOff = (now: number): void => {
    for (const [userId, at] of paidOffAt) {
      if (at > now) return;
      paidOffAt.delete(userId);
    }
  };

  return {
    /** Counts a change. @throws `rate_limited` */
    admit: (userId: string): void => {
      const now = monotonicNow();
      forgetPaidOff(now);
      const next = Math.max(now, paidOffAt.get(userId) ?? now) + INTERVAL;
      const wait = next - MAX_DEBT - now;
      if (wait > 0) throw refuse('rate_limited', { retryAfter: Math.ceil(wait / SECOND) });
      paidOffAt.delete(userId);
      paidOffAt.set(userId, next);
    },
    /** How many users it keeps in mind. */
    size: (): number => paidOffAt.size,
  };
};
