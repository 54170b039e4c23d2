import { CHECKS } from '../simulator/violations.ts';
import { type Exploration, type ExploreOptions, explore } from './explore.ts';
import { canRideUnseen, type Limit, limitsIn } from './limits.ts';

export interface Examination extends Omit<Exploration, 'graph' | 'violation'> {
  /** Empty without a thief. */
  limits: Limit[];
  /** What is wrong, undefined if nothing is: the check, and then the moves that lead there. */
  fault: string | undefined;
}

/** Explores, and judges what was found. */
export const examine = (options: ExploreOptions): Examination => {
  const { graph, violation, ...figures } = explore(options);
  if (violation !== null) return { ...figures, limits: [], fault: violation.text };
  if (!options.hasThief) return { ...figures, limits: [], fault: undefined };
  const fault = canRideUnseen(graph) ? `${CHECKS.theft}\n  thief and owner go on for ever` : undefined;
  return { ...figures, limits: limitsIn(graph), fault };
};
