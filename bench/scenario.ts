import type { BenchContext } from './context.ts';
import type { Spread } from './statistics.ts';

/** What a ratio, or without one the figure itself, should reach. It is told beside the figure, and never fails a run. */
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

/** One subject of the benchmarks, in a file of its own under `scenarios/`. */
export interface Scenario {
  /** As the command line names it, in kebab-case. */
  name: string;
  /** What is compared with what, in one sentence that stands above its table. */
  title: string;
  run(context: BenchContext): Promise<Row[]>;
}
