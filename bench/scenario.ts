import type { BenchContext } from './context.ts';
import type { Row } from './row.ts';

/** One subject of the benchmarks, in a file of its own under `scenarios/`. */
export interface Scenario {
  /** As the command line names it, in kebab-case. */
  name: string;
  /** What is compared with what, in one sentence that stands above its table. */
  title: string;
  run(context: BenchContext): Promise<Row[]>;
}
