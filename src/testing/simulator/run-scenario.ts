import fc from 'fast-check';
import { createFigures, type Figures } from './figures.ts';
import type { Scenario } from './scenarios.ts';
import { type Script, STEPS_A_RUN, scriptOf, simulate } from './simulation.ts';

export interface RunOptions {
  /** About so many: runs are of different lengths. */
  steps: number;
  seed: number;
  /** Of a failure: replays its shrunk run, and nothing else. */
  path?: string | undefined;
  /** Whether the first run that fails is made as short as can be. Default true. */
  shrink?: boolean;
}

/** A simulation that has found something. */
export interface Finding {
  error: unknown;
  seed: number;
  path: string;
  script: Script | undefined;
}

export interface Outcome {
  figures: Figures;
  finding: Finding | null;
}

/** How many of average length make so many steps. */
export const runsFor = (steps: number): number => Math.ceil(steps / STEPS_A_RUN);

/** Errors are everyday life here, and their stacks are looked at by nobody, at half of the time. */
const withoutStacks = async <T>(run: () => Promise<T>): Promise<T> => {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return await run();
  } finally {
    Error.stackTraceLimit = limit;
  }
};

/** Lives a scenario through in many runs, and shrinks the first that breaks a promise. */
export const runScenario = async (
  scenario: Scenario,
  { steps, seed, path, shrink = true }: RunOptions,
): Promise<Outcome> => {
  const figures = createFigures();
  const property = fc.asyncProperty(scriptOf(scenario.actions), (script) => simulate(scenario, script, figures));
  const result = await withoutStacks(() =>
    fc.check(property, {
      numRuns: path === undefined ? runsFor(steps) : 1,
      seed,
      endOnFailure: !shrink,
      ...(path !== undefined && { path }),
    }),
  );
  const finding = result.failed
    ? {
        error: result.errorInstance,
        seed: result.seed,
        path: result.counterexamplePath ?? '',
        script: result.counterexample?.[0],
      }
    : null;
  return { figures, finding };
};

/** A finding as a person reads it, with the way to see it again. */
export const describeFinding = (name: string, { error, seed, path, script }: Finding): string => {
  const steps = script?.steps.map(
    ({ what, pick, pause }) => `  ${what} (${pick})${pause ? '' : ', and in the same turn'}`,
  );
  return [
    error instanceof Error ? error.message : String(error),
    `Replay: SIMULATION_SCENARIO='${name}' SIMULATION_SEED=${seed} SIMULATION_PATH=${path} npx vitest run src/testing/simulator`,
    `Locks: ${script?.hasLocks}. Channel: ${script?.hasChannel}. Steps:`,
    ...(steps ?? []),
  ].join('\n');
};
