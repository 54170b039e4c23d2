import { cyclesOf } from './cycles.ts';
import type { Graph } from './explore.ts';
import { MARKS } from './moves.ts';

/**
 * How a thief can go on for ever without ending the session: the stated limits, and there are no others. Each is a kind
 * of cycle, by what happens again and again in it.
 */
export const LIMITS = {
  'the one who was left behind stays away': {
    without: MARKS.caughtUp | MARKS.warned,
    has: MARKS.thiefAnswered | MARKS.waited,
    lacks: MARKS.ownerAnswered,
  },
  'thief and owner refresh within a leeway of each other, every time': {
    without: MARKS.warned,
    has: MARKS.thiefAnswered | MARKS.ownerAnswered | MARKS.caughtUp | MARKS.waited,
    lacks: 0,
  },
  'the stolen token is presented again and again, and an operator is told': {
    without: MARKS.caughtUp,
    has: MARKS.thiefAnswered | MARKS.warned | MARKS.waited,
    lacks: 0,
  },
} as const;

export type Limit = keyof typeof LIMITS;

const hasAll = (marks: number, wanted: number): boolean => (marks & wanted) === wanted;

/** The limits that were met with. */
export const limitsIn = (graph: Graph): Limit[] =>
  Object.entries(LIMITS).flatMap(([name, { without, has, lacks }]) => {
    const cycles = cyclesOf(graph, (marks) => (marks & without) === 0);
    const isLimit = (limit: string): limit is Limit => limit in LIMITS;
    return isLimit(name) && cycles.some((marks) => hasAll(marks, has) && (marks & lacks) === 0) ? [name] : [];
  });

/**
 * Whether thief and owner can go on beside each other for ever, outside of each other's window, and nobody is told. No
 * rule may allow that.
 */
export const canRideUnseen = (graph: Graph): boolean =>
  cyclesOf(graph, (marks) => (marks & (MARKS.caughtUp | MARKS.warned)) === 0).some((marks) =>
    hasAll(marks, MARKS.thiefAnswered | MARKS.ownerAnswered | MARKS.waited),
  );
