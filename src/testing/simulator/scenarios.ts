import type { Action, Actions } from './action.ts';
import { personActions } from './person-actions.ts';
import { type Lateness, LEEWAY } from './rules.ts';
import { failoverActions, thiefActions } from './thief-actions.ts';
import { wireActions } from './wire-actions.ts';

export interface Scenario {
  actions: Actions;
  /** Default: what the rules assume. */
  lateness?: Lateness;
}

const weighted = (actions: Actions, weights: Readonly<Record<string, number>>): Actions =>
  Object.fromEntries(
    Object.entries(actions).map(([name, [weight, action]]): [string, [number, Action]] => [
      name,
      [weights[name] ?? weight, action],
    ]),
  );

/** Every fault of the network, the servers, the tabs and the clocks, and a person who signs in and out. */
const everything: Actions = { ...personActions, ...wireActions };

/** The same in sessions that last, in which there is time for something to go wrong. */
const longSessions = weighted(everything, {
  'sign in': 0.25,
  'sign in wrongly': 0.25,
  'sign out': 0.1,
  'end by an admin': 0.1,
  wait: 14,
  'calm time': 10,
});

export const SCENARIOS = {
  honest: { actions: everything },
  'long sessions': { actions: longSessions },
  thief: { actions: { ...longSessions, ...thiefActions } },
  failover: { actions: { ...longSessions, ...failoverActions } },
  late: { actions: longSessions, lateness: { request: 3 * LEEWAY, answer: 3 * LEEWAY } },
} satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof SCENARIOS;
