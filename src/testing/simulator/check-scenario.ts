import { expect } from 'vitest';
import type { Figures } from './figures.ts';
import { describeFinding, runScenario } from './run-scenario.ts';
import { SCENARIOS, type ScenarioName } from './scenarios.ts';

const { env } = process;

/** Of all steps, how many of a hundred. */
const SHARES: Record<ScenarioName, number> = { honest: 40, 'long sessions': 25, thief: 20, failover: 8, late: 7 };

const TOTAL_STEPS = Number(env['SIMULATION_STEPS'] ?? 200_000);
const SEED = Number(env['SIMULATION_SEED'] ?? 1);

/** A minute for the usual number of steps on a busy machine; the long mode takes as long as it takes. */
export const TIMEOUT = Math.max(120_000, TOTAL_STEPS);

/**
 * Runs a scenario's share of the steps, and fails with the way to replay what it finds. Prints what it came across.
 *
 * `SIMULATION_STEPS` sets the number of steps of all scenarios, `SIMULATION_SEED` what they are made of.
 * `SIMULATION_SCENARIO` and `SIMULATION_PATH` replay a failure.
 */
export const checkScenario = async (name: ScenarioName): Promise<Figures> => {
  const only = env['SIMULATION_SCENARIO'];
  const steps = only === undefined || only === name ? (TOTAL_STEPS * SHARES[name]) / 100 : 0;
  const path = only === name ? env['SIMULATION_PATH'] : undefined;
  const { figures, finding } = await runScenario(SCENARIOS[name], { steps, seed: SEED, path });
  if (finding !== null) expect.fail(describeFinding(name, finding));
  if (path === undefined) expect(figures.of('steps')).toBeGreaterThanOrEqual(steps);

  const list = Object.entries(figures.all()).map(([what, count]) => `  ${String(count).padStart(8)} ${what}`);
  process.stdout.write(`simulation of ${name}\n${list.join('\n')}\n`);
  return figures;
};

/** Whether all scenarios run in full, so that what they come across can be expected. */
export const isFullRun = env['SIMULATION_SCENARIO'] === undefined && TOTAL_STEPS >= 200_000;
