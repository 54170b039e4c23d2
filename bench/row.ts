import type { Spread } from './statistics.ts';

/**
 * What a ratio, or without one the figure itself, should reach. It is told beside the figure, and never fails a run.
 */
export type Target = { atMost: number } | { atLeast: number };

/** One line of the tables. */
export interface Row {
  /** What is measured, as in `public query, whole server`. */
  what: string;
  /** As in `CPU time a call, µs` or `calls/s`. */
  unit: string;
  ours: Spread;
  /** What it is compared with, if it is. */
  comparedWith?: string;
  theirs?: Spread;
  /** Ours to theirs, round by round. */
  ratio?: Spread;
  target?: Target;
  /** What a reader has to know to judge the figure. */
  note?: string;
}
