import { expect, test } from 'vitest';
import { decideRotation } from '#server/auth/sessions/rotation.ts';
import { CHECKS } from '../simulator/violations.ts';
import { examine } from './examine.ts';
import type { Decide } from './refreshes.ts';

/** The rules, with one of them broken: `change` sees what the intact ones say. */
const broken =
  (change: (outcome: ReturnType<Decide>, ...question: Parameters<Decide>) => ReturnType<Decide>): Decide =>
  (...question) =>
    change(decideRotation(...question), ...question);

/** The check that finds out, by the run with the fewest moves. */
const caughtBy = (decide: Decide, repeatsCookies = false): string | undefined => {
  const alone = examine({ decide, repeatsCookies, stepsPerThird: 2, tabs: 2, hasThief: false });
  const { fault } = alone.fault === undefined ? examine({ decide, stepsPerThird: 1, tabs: 2, hasThief: true }) : alone;
  return fault?.split('\n')[0];
};

test('the intact rules pass', () => {
  expect(caughtBy(decideRotation)).toBeUndefined();
});

const RULES: { what: string; check: keyof typeof CHECKS; decide: Decide }[] = [
  {
    what: 'a window that moves only after a third of the leeway',
    check: 'honest',
    decide: broken((outcome, state, _token, now, { leewayMs }) =>
      outcome.kind === 'replay' && now - state.handedAt <= leewayMs / 3 ? { kind: 'replay', next: state } : outcome,
    ),
  },
  {
    what: 'a window that is counted from the making alone',
    check: 'honest',
    decide: (state, ...question) => decideRotation({ ...state, handedAt: state.issuedAt }, ...question),
  },
  {
    what: 'a window that never has to shut',
    check: 'theft',
    decide: broken((outcome, state, _token, now, { leewayMs }) =>
      outcome.kind === 'rotate' && now - state.handedAt < leewayMs ? { kind: 'replay', next: state } : outcome,
    ),
  },
  {
    what: 'a window that every replay extends',
    check: 'theft',
    decide: broken((outcome, _state, _token, now) =>
      outcome.kind === 'replay' ? { kind: 'replay', next: { ...outcome.next, handedAt: now } } : outcome,
    ),
  },
  {
    what: 'no fork for whom an answer was lost',
    check: 'honest',
    decide: broken((outcome) => (outcome.kind === 'fork' ? { kind: 'reuse' } : outcome)),
  },
  {
    what: 'a new token in the window',
    check: 'rotation',
    decide: broken((outcome, state, _token, now) =>
      outcome.kind === 'replay'
        ? { kind: 'fork', next: { ...state, issued: state.issued + 1, issuedAt: now, handedAt: now } }
        : outcome,
    ),
  },
  {
    what: 'a void token that is answered',
    check: 'theft',
    decide: broken((outcome, state, { gen }) =>
      outcome.kind === 'reuse' && gen > state.confirmed ? { kind: 'replay', next: state } : outcome,
    ),
  },
  {
    what: 'a token of long ago that is answered',
    check: 'theft',
    decide: broken((outcome, state, { gen }) =>
      outcome.kind === 'reuse' && gen < state.confirmed ? { kind: 'replay', next: state } : outcome,
    ),
  },
  {
    what: 'forks that nobody counts',
    check: 'theft',
    decide: broken((outcome) =>
      outcome.kind === 'fork' ? { kind: 'fork', next: { ...outcome.next, forks: 0 } } : outcome,
    ),
  },
];

test.each(RULES)('$what: the exploration finds it', ({ decide, check }) => {
  expect(caughtBy(decide)).toBe(CHECKS[check]);
});

test('a proof that signs the newest token anew and leaves the window as it is: the exploration finds it', () => {
  const { fault } = examine({
    decide: decideRotation,
    proofs: 'leave the window',
    stepsPerThird: 2,
    tabs: 2,
    hasThief: false,
  });
  expect(fault?.split('\n')[0]).toBe(CHECKS.honest);
});

test('the newest token sent once more to a browser that has it: the exploration finds it', () => {
  expect(caughtBy(decideRotation, true)).toBe(CHECKS.honest);
});
