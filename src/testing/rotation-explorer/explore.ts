import type { Corner } from '../simulator/lineage.ts';
import { CHECKS, type Check } from '../simulator/violations.ts';
import { createMoves, type Rules } from './moves.ts';
import { createNaming, firstSituation, type Grid } from './situation.ts';

/**
 * Situations by number, and the moves between them. The moves from `n` are those from `starts[n]` up to `starts[n +
 * 1]`.
 */
export interface Graph {
  starts: number[];
  targets: number[];
  marks: number[];
}

export interface Exploration {
  situations: number;
  moves: number;
  /** The most moves that a situation is away from the login. */
  depth: number;
  /** Whether nothing new was left: then this is all that can ever happen, in runs of any length. */
  isComplete: boolean;
  corners: Partial<Record<Corner, number>>;
  /** How often reuse was found. */
  ended: number;
  violation: { check: Check; text: string } | null;
  graph: Graph;
}

export interface ExploreOptions extends Grid, Rules {
  /** @default until nothing is new */
  depth?: number;
}

/** Goes through everything that can happen, breadth first, so that what it finds is found by the fewest moves. */
export const explore = ({ depth = Number.POSITIVE_INFINITY, ...rules }: ExploreOptions): Exploration => {
  const movesFrom = createMoves(rules);
  const { nameOf, situationOf } = createNaming(rules);
  const first = nameOf(firstSituation);
  const numbers = new Map<number, number>([[first, 0]]);
  const names = [first];
  const parents = [0];
  const depths = [0];
  const graph: Graph = { starts: [], targets: [], marks: [] };
  const found: Exploration = {
    situations: 0,
    moves: 0,
    depth: 0,
    isComplete: true,
    corners: {},
    ended: 0,
    violation: null,
    graph,
  };

  const numberOf = (name: number, parent: number): number => {
    const known = numbers.get(name);
    if (known !== undefined) return known;
    const number = names.length;
    numbers.set(name, number);
    names.push(name);
    parents.push(parent);
    depths.push((depths[parent] ?? 0) + 1);
    return number;
  };

  /** What led there, move by move. */
  const pathTo = (number: number): string[] => {
    const path: string[] = [];
    for (let at = number; at > 0; at = parents[at] ?? 0) {
      const before = situationOf(names[parents[at] ?? 0] ?? 0);
      const move = movesFrom(before).find(({ result }) => result.kind === 'goes on' && nameOf(result.to) === names[at]);
      path.unshift(move?.what ?? '?');
    }
    return path;
  };

  for (let number = 0; number < names.length; number += 1) {
    graph.starts.push(graph.targets.length);
    found.depth = depths[number] ?? 0;
    if (found.depth >= depth) {
      found.isComplete = false;
      break;
    }
    for (const { what, result } of movesFrom(situationOf(names[number] ?? 0))) {
      if (result.kind === 'violated') {
        const text = [CHECKS[result.check], result.details, ...pathTo(number), what].join('\n  ');
        found.violation ??= { check: result.check, text };
      } else if (result.kind === 'ended') {
        found.ended += 1;
        if (result.corner !== null) found.corners[result.corner] = (found.corners[result.corner] ?? 0) + 1;
      } else {
        graph.targets.push(numberOf(nameOf(result.to), number));
        graph.marks.push(result.marks);
      }
    }
    if (found.violation !== null) break;
  }
  graph.starts.push(graph.targets.length);
  return { ...found, situations: names.length, moves: graph.targets.length };
};
