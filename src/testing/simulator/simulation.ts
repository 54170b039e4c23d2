import fc from 'fast-check';
import type { Actions } from './action.ts';
import { catchThief } from './catch-thief.ts';
import { drain } from './drain.ts';
import type { Figures } from './figures.ts';
import { signIn } from './person-actions.ts';
import { IN_TIME } from './rules.ts';
import type { Scenario } from './scenarios.ts';
import { checkTabs } from './tab-checks.ts';
import { flow } from './wire-actions.ts';
import { createWorld, settle, type World, type WorldOptions } from './world.ts';

export interface Step {
  what: string;
  pick: number;
  /** Whether everything goes on that needs no time before the next step. If not, both happen in one turn. */
  pause: boolean;
}

/** A run: what the browser has, and what happens. */
export interface Script {
  hasLocks: boolean;
  hasChannel: boolean;
  steps: Step[];
}

/** How long a run is on average, up to twice as long. */
export const STEPS_A_RUN = 150;

/** Everything that happens, each as often as its weight says. */
export const scriptOf = (actions: Actions): fc.Arbitrary<Script> => {
  const names = Object.entries(actions).flatMap(([what, [weight]]) => Array<string>(Math.ceil(weight * 4)).fill(what));
  const step = fc.record(
    { what: fc.constantFrom(...names), pick: fc.nat(1_000_000), pause: fc.nat(3).map((turn) => turn < 3) },
    { noNullPrototype: true },
  );
  const steps = fc.array(step, { minLength: 1, maxLength: 2 * STEPS_A_RUN - 1, size: 'max' });
  // Without a channel a tab looks twice a second, which takes its time here as well.
  const hasChannel = fc.nat(7).map((turn) => turn > 0);
  return fc.noBias(fc.record({ hasLocks: fc.boolean(), hasChannel, steps }, { noNullPrototype: true }));
};

const begin = async (options: WorldOptions): Promise<World> => {
  const world = createWorld(options);
  signIn(world, world.open(), 'ada');
  await settle();
  for (const transit of world.network.underWay()) await flow(world, transit);
  await settle();
  checkTabs(world);
  return world;
};

/**
 * Lives through the steps, checks after each, and then lets the world come to rest.
 * @throws ViolationError
 */
export const simulate = async (
  { actions, lateness = IN_TIME }: Scenario,
  { steps, ...browser }: Script,
  figures: Figures,
): Promise<void> => {
  const world = await begin({ ...browser, lateness, figures });
  for (const { what, pick, pause } of steps) {
    await actions[what]?.[1](world, pick);
    if (pause) {
      await settle();
      checkTabs(world);
      world.countCutOff();
    }
    world.watch.report();
    figures.count('steps');
  }
  await drain(world);
  world.countCutOff();
  await catchThief(world);
  figures.count('runs');
};
