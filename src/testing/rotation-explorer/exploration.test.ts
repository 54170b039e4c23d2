import { expect, test } from 'vitest';
import { decideRotation } from '#server/auth/sessions/rotation.ts';
import type { Corner } from '../simulator/lineage.ts';
import { type Examination, examine } from './examine.ts';
import { LIMITS } from './limits.ts';
import type { Grid } from './situation.ts';

const { env } = process;

/** How many moments of a third of the leeway are told apart: the costs grow by its fourth power. */
const STEPS_PER_THIRD = Number(env['EXPLORATION_STEPS'] ?? 2);
const TABS = Number(env['EXPLORATION_TABS'] ?? 2);
/** Twenty seconds for the usual size on a machine that does nothing else; beyond it takes as long as it takes. */
const TIMEOUT = 120_000 * STEPS_PER_THIRD ** 4 * TABS ** 2;

const KNOWN_CORNER: Corner = 'every answer lost for over four leeways, and then tabs at once';

// With proofs, of which each may or may not come: without them there is nothing else that could happen.
const look = (grid: Grid): Examination => {
  const examination = examine({ decide: decideRotation, proofs: 'open the window anew', ...grid });
  const { fault, ...figures } = examination;
  process.stdout.write(`exploration ${JSON.stringify(grid)}: ${JSON.stringify(figures)}\n`);
  if (fault !== undefined) expect.fail(fault);
  // Then nothing else can happen, in runs of any length.
  expect(figures.isComplete).toBe(true);
  return examination;
};

test.each([
  { what: 'one clock', skew: 0 },
  { what: 'clocks that differ a little', skew: 1 },
  { what: 'clocks that differ by a third of the leeway', skew: STEPS_PER_THIRD },
])(
  'whatever tabs send, and whichever answers are lost or late: no session ends but in the known corner, with $what',
  ({ skew }) => {
    const { corners } = look({ stepsPerThird: STEPS_PER_THIRD, tabs: TABS + 1, hasThief: false, skew });
    expect(Object.keys(corners)).toEqual([KNOWN_CORNER]);
  },
  TIMEOUT,
);

test.each([
  { what: 'one clock', stepsPerThird: STEPS_PER_THIRD, skew: 0 },
  { what: 'clocks that differ by a third of the leeway', stepsPerThird: Math.max(1, STEPS_PER_THIRD - 1), skew: 1 },
])(
  'a thief is found out, told of, or within a stated limit, whichever tokens they keep, with $what',
  ({ stepsPerThird, skew }) => {
    const { limits, ended } = look({ stepsPerThird, tabs: TABS, hasThief: true, skew });
    expect(ended).toBeGreaterThan(0);
    expect(limits).toEqual(Object.keys(LIMITS));
  },
  TIMEOUT,
);
