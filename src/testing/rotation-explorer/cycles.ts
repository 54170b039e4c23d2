import type { Graph } from './explore.ts';

/**
 * What can go on for ever: the marks of all moves within each strongly connected part of the graph, by Tarjan's
 * algorithm. Moves that are not allowed are left out, as if they could not happen.
 */
export const cyclesOf = ({ starts, targets, marks }: Graph, isAllowed: (marks: number) => boolean): number[] => {
  const count = starts.length - 1;
  const order = new Int32Array(count).fill(-1);
  const lowest = new Int32Array(count);
  const part = new Int32Array(count).fill(-1);
  const next = Int32Array.from(starts);
  const path: number[] = [];
  const open: number[] = [];
  let seen = 0;
  let parts = 0;

  const enter = (at: number): void => {
    order[at] = seen;
    lowest[at] = seen;
    seen += 1;
    path.push(at);
    open.push(at);
  };
  const lower = (at: number, to: number): void => {
    lowest[at] = Math.min(lowest[at] ?? 0, to);
  };
  const leave = (at: number): void => {
    path.pop();
    const parent = path.at(-1);
    if (parent !== undefined) lower(parent, lowest[at] ?? 0);
    if (lowest[at] !== order[at]) return;
    for (let member = open.pop(); member !== undefined; member = member === at ? undefined : open.pop()) {
      part[member] = parts;
    }
    parts += 1;
  };

  for (let root = 0; root < count; root += 1) {
    if (order[root] !== -1) continue;
    enter(root);
    for (let at = path.at(-1); at !== undefined; at = path.at(-1)) {
      const edge = next[at] ?? 0;
      if (edge >= (starts[at + 1] ?? 0)) {
        leave(at);
        continue;
      }
      next[at] = edge + 1;
      const target = targets[edge] ?? 0;
      if (!isAllowed(marks[edge] ?? 0)) continue;
      if (order[target] === -1) enter(target);
      else if (part[target] === -1) lower(at, order[target] ?? 0);
    }
  }

  const within = Array<number>(parts).fill(0);
  for (let from = 0; from < count; from += 1) {
    for (let edge = starts[from] ?? 0; edge < (starts[from + 1] ?? 0); edge += 1) {
      const own = part[from] ?? 0;
      const mark = marks[edge] ?? 0;
      if (own === part[targets[edge] ?? 0] && isAllowed(mark)) within[own] = (within[own] ?? 0) | mark;
    }
  }
  return within.filter((each) => each !== 0);
};
