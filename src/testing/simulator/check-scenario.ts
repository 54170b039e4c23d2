import { expect } from 'vitest';
import type { Figures } from './figures.ts';
import { describeFinding, runScenario, runsFor } from './run-scenario.ts';
import { SCENARIOS, type ScenarioName } from './scenarios.ts';
import { shareOf, USUAL_STEPS } from './steps.ts';

const { env } = process;

const TOTAL_STEPS = Number(env['SIMULATION_STEPS'] ?? USUAL_STEPS);
const SEED = Number(env['SIMULATION_SEED'] ?? 1);

/** Ten times what the steps take on an idle machine, so that only a run that hangs reaches it. */
export const TIMEOUT = Math.max(120_000, TOTAL_STEPS * 6);

/**
 * Runs a scenario's share of the steps, and fails with the way to replay what it finds. Prints what it came across.
 *
 * `SIMULATION_STEPS` sets the number of steps of all scenarios, `SIMULATION_SEED` what they are made of.
 * `SIMULATION_SCENARIO` and `SIMULATION_PATH` replay a failure.
 */
export const checkScenario = async (name: ScenarioName): Promise<Figures> => {
  const only = env['SIMULATION_SCENARIO'];
  const steps = only === undefined || only === name ? shareOf(name, TOTAL_STEPS) : 0;
  const path = only === name ? env['SIMULATION_PATH'] : undefined;
  const { figures, finding } = await runScenario(SCENARIOS[name], { steps, seed: SEED, path });
  if (finding !== null) expect.fail(describeFinding(name, finding));
  if (path === undefined) expect(figures.of('runs')).toBe(runsFor(steps));

  const list = Object.entries(figures.all()).map(([what, count]) => `  ${String(count).padStart(8)} ${what}`);
  process.stdout.write(`simulation of ${name}\n${list.join('\n')}\n`);
  return figures;
};

/** Whether all scenarios run in full, so that what they come across can be expected. */
export const isFullRun = env['SIMULATION_SCENARIO'] === undefined && TOTAL_STEPS >= USUAL_STEPS;
