import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ModelFigures, runRotationModel } from './rotation-model.ts';
import { USUAL_STEPS } from './steps.ts';

const { env } = process;

/** Five for each of the simulation's: they cost next to nothing. */
const STEPS = 5 * Number(env['SIMULATION_STEPS'] ?? USUAL_STEPS);
/** On average. */
const STEPS_A_RUN = 250;
const TIMEOUT = Math.max(60_000, STEPS);

const check = (hasThief: boolean): ModelFigures => {
  const figures: ModelFigures = { steps: 0, refreshes: 0, forks: 0, replays: 0, corners: {}, reuses: 0 };
  const steps = fc.noBias(fc.array(fc.nat(2 ** 20), { maxLength: 2 * STEPS_A_RUN, size: 'max' }));
  fc.assert(
    fc.property(steps, (run) => runRotationModel(run, { hasThief }, figures)),
    { numRuns: STEPS / STEPS_A_RUN, seed: Number(env['SIMULATION_SEED'] ?? 1) },
  );
  process.stdout.write(`rotation by itself${hasThief ? ', with a thief' : ''}: ${JSON.stringify(figures)}\n`);
  return figures;
};

test(
  'tabs that do not wait for each other keep their session, whichever answers are lost or late',
  () => {
    const figures = check(false);
    expect(figures.forks).toBeGreaterThan(0);
    expect(figures.reuses).toBeLessThan(figures.refreshes / 1_000);
  },
  TIMEOUT,
);

test(
  'with a thief, no voided generation is answered once its window is shut',
  () => {
    expect(check(true).reuses).toBeGreaterThan(0);
  },
  TIMEOUT,
);
