import { isHeavy } from '../heavy.ts';
import type { ScenarioName } from './scenarios.ts';

/** Of all steps, how many of a hundred. */
const SHARES: Record<ScenarioName, number> = { honest: 40, 'long sessions': 25, thief: 20, failover: 8, late: 7 };

/** Of all scenarios together. Every product that is broken on purpose is found within them. */
export const USUAL_STEPS = isHeavy ? 200_000 : 30_000;

export const shareOf = (name: ScenarioName, steps: number): number => (steps * SHARES[name]) / 100;
