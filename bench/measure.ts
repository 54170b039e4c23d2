import type { Crowd } from './load/crowd.ts';
import type { Row, Target } from './row.ts';
import type { ServerProcess } from './server-process.ts';
import { ratiosOf, spreadOf } from './statistics.ts';

/** What keeps a server busy. */
export type Load = Pick<Crowd, 'work'>;

/** One of those who are compared. */
export interface Side {
  server: ServerProcess;
  load: Load;
}

/** How much and how long is measured. Times are in milliseconds. */
export interface Pace {
  /** How many calls are under way at once. */
  connections: number;
  rounds: number;
  roundMs: number;
  warmUpMs: number;
}

/** One value a round. */
export interface Measured {
  /** Of the server's process, in microseconds. */
  cpuPerCall: readonly number[];
  callsPerSecond: readonly number[];
  /** Milliseconds. */
  p50: readonly number[];
  p99: readonly number[];
}

const METRICS = {
  cpuPerCall: 'CPU time a call, µs',
  callsPerSecond: 'calls/s',
  p50: 'p50, ms',
  p99: 'p99, ms',
} as const satisfies Record<keyof Measured, string>;

type Round = { [Metric in keyof Measured]: number };

const measureRound = async ({ server, load }: Side, milliseconds: number): Promise<Round> => {
  await server.forgetOutput();
  const before = await server.usage();
  const { calls, seconds, latency } = await load.work(milliseconds);
  const after = await server.usage();
  return {
    cpuPerCall: (after.cpuMicroseconds - before.cpuMicroseconds) / calls,
    callsPerSecond: calls / seconds,
    p50: latency.p50,
    p99: latency.p99,
  };
};

const measuredOf = (rounds: readonly Round[]): Measured => ({
  cpuPerCall: rounds.map(({ cpuPerCall }) => cpuPerCall),
  callsPerSecond: rounds.map(({ callsPerSecond }) => callsPerSecond),
  p50: rounds.map(({ p50 }) => p50),
  p99: rounds.map(({ p99 }) => p99),
});

/**
 * Lets every side warm up, then measures them in turn, round by round (A B A B …), so that all see the same weather.
 */
export const measureInTurn = async <TName extends string>(
  { rounds, roundMs, warmUpMs }: Omit<Pace, 'connections'>,
  sides: Readonly<Record<TName, Side>>,
): Promise<(name: TName) => Measured> => {
  const taken = new Map<string, Round[]>();
  const entries = Object.entries<Side>(sides);
  for (const [, { load }] of entries) await load.work(warmUpMs);
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, side] of entries) {
      taken.set(name, [...(taken.get(name) ?? []), await measureRound(side, roundMs)]);
    }
  }
  return (name) => measuredOf(taken.get(name) ?? []);
};

export interface Comparison extends Pick<Row, 'what' | 'note'> {
  comparedWith: string;
  metric: keyof Measured;
  ours: Measured;
  theirs: Measured;
  target?: Target;
}

/** The row that says what both sides took by one metric, and their ratio. */
export const compare = ({ metric, ours, theirs, ...words }: Comparison): Row => ({
  ...words,
  unit: METRICS[metric],
  ours: spreadOf(ours[metric]),
  theirs: spreadOf(theirs[metric]),
  ratio: spreadOf(ratiosOf(ours[metric], theirs[metric])),
});
