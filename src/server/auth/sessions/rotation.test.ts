import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideRotation, type RotationPolicy, type RotationState } from './rotation.ts';

const LEEWAY = 30_000;
const DAY = 24 * 60 * 60 * 1000;
const policy: RotationPolicy = { leewayMs: LEEWAY, idleTtlMs: 7 * DAY };
const START = 1_000_000_000_000;

const state = (changes: Partial<RotationState> = {}): RotationState => ({
  issued: 5,
  confirmed: 4,
  issuedAt: START,
  handedAt: START,
  forks: 0,
  idleEndsAt: START + 7 * DAY,
  absoluteEndsAt: START + 90 * DAY,
  revokedCause: null,
  ...changes,
});

const decide = (gen: number, at: number, changes: Partial<RotationState> = {}, expiresAt = START + 7 * DAY) =>
  decideRotation(state(changes), { gen, expiresAt }, START + at, policy);

describe('a session that is over', () => {
  test('a revoked session says what ended it, whatever is presented', () => {
    for (const gen of [1, 4, 5, 9]) {
      expect(decide(gen, 0, { revokedCause: 'logout' })).toEqual({ kind: 'revoked', cause: 'logout' });
    }
  });

  test('the idle end, the absolute end and the token’s own end each expire it, on the millisecond', () => {
    expect(decide(5, 7 * DAY - 1).kind).toBe('rotate');
    expect(decide(5, 7 * DAY, {}, START + 8 * DAY).kind).toBe('expired');
    expect(decide(5, LEEWAY, { absoluteEndsAt: START + LEEWAY }).kind).toBe('expired');
    expect(decide(5, LEEWAY, {}, START + LEEWAY).kind).toBe('expired');
  });

  test('an old generation whose own end is past is expired, not reused', () => {
    expect(decide(1, DAY, {}, START + DAY).kind).toBe('expired');
  });
});

describe('the newest generation', () => {
  test('is replayed while the window is open, without a write', () => {
    const current = state();
    expect(decideRotation(current, { gen: 5, expiresAt: START + DAY }, START + LEEWAY - 1, policy)).toEqual({
      kind: 'replay',
      next: current,
    });
    const outcome = decideRotation(current, { gen: 5, expiresAt: START + DAY }, START, policy);
    expect(outcome.kind === 'replay' && outcome.next).toBe(current);
  });

  test('rotates when the window is shut, and the idle end moves on', () => {
    expect(decide(5, LEEWAY)).toEqual({
      kind: 'rotate',
      next: state({
        issued: 6,
        confirmed: 5,
        issuedAt: START + LEEWAY,
        handedAt: START + LEEWAY,
        idleEndsAt: START + LEEWAY + 7 * DAY,
      }),
    });
  });

  test('rotates after four leeways even if the window was kept open', () => {
    const kept = { handedAt: START + 4 * LEEWAY - 1 };
    expect(decide(5, 4 * LEEWAY - 1, kept).kind).toBe('replay');
    expect(decide(5, 4 * LEEWAY, kept).kind).toBe('rotate');
  });
});

describe('the generation before', () => {
  test('is answered with the newest while the window is open', () => {
    expect(decide(4, 0)).toEqual({ kind: 'replay', next: state() });
  });

  test('counts the window from each handing-out anew, and never from an earlier one', () => {
    for (const at of [1, LEEWAY / 3, LEEWAY - 1]) {
      expect(decide(4, at)).toEqual({ kind: 'replay', next: state({ handedAt: START + at }) });
    }
    const current = state();
    const another = decideRotation(current, { gen: 4, expiresAt: START + DAY }, START - 1, policy);
    expect(another.kind === 'replay' && another.next).toBe(current);
  });

  // Waiting a third of the leeway before the window moved on ended a few honest sessions in a million refreshes.
  test('may still come when its successor is used a leeway after it was made, handed out late', () => {
    const made = decide(5, DAY);
    const row = 'next' in made ? made.next : state();
    const refresh = (from: RotationState, gen: number, at: number) =>
      decideRotation(from, { gen, expiresAt: START + 8 * DAY }, START + DAY + at, policy);

    // The answer that carried 6 was lost: 5 comes again, and brings 6 along. Another tab has sent 5 just before that.
    const again = refresh(row, 5, LEEWAY / 3);
    expect(again).toEqual({ kind: 'replay', next: { ...row, handedAt: START + DAY + LEEWAY / 3 } });
    const handed = 'next' in again ? again.next : row;
    const used = refresh(handed, 6, LEEWAY);
    expect(used).toEqual({ kind: 'replay', next: handed });
    expect(refresh('next' in used ? used.next : handed, 5, LEEWAY + 1).kind).toBe('replay');
  });

  test('forks when the window is shut: its holder never got the answer', () => {
    expect(decide(4, LEEWAY)).toEqual({
      kind: 'fork',
      next: state({
        issued: 6,
        confirmed: 4,
        issuedAt: START + LEEWAY,
        handedAt: START + LEEWAY,
        forks: 1,
        idleEndsAt: START + LEEWAY + 7 * DAY,
      }),
    });
  });

  test('counts its forks until somebody rotates', () => {
    let row = state();
    for (let forks = 1; forks <= 4; forks += 1) {
      const outcome = decideRotation(row, { gen: 4, expiresAt: START + 8 * DAY }, row.issuedAt + LEEWAY, policy);
      row = 'next' in outcome ? outcome.next : row;
      expect(row.forks).toBe(forks);
      const replayed = decideRotation(row, { gen: 4, expiresAt: START + 8 * DAY }, row.issuedAt + 1, policy);
      expect('next' in replayed && replayed.next.forks).toBe(forks);
    }
    const rotated = decideRotation(row, { gen: row.issued, expiresAt: START + 8 * DAY }, row.issuedAt + LEEWAY, policy);
    expect(rotated.kind === 'rotate' && rotated.next.forks).toBe(0);
  });
});

describe('a generation that is void', () => {
  test('is reuse when it is older than the confirmed one, at any time', () => {
    expect(decide(3, 0).kind).toBe('reuse');
    expect(decide(3, DAY).kind).toBe('reuse');
  });

  test('is replayed in the window after a fork, and reuse behind it', () => {
    const forked = { issued: 6, confirmed: 4 };
    expect(decide(5, 1, forked).kind).toBe('replay');
    expect(decide(5, LEEWAY, forked).kind).toBe('reuse');
  });
});

describe('a generation from the future', () => {
  test('recovers what the store has lost, and hands the same one out again', () => {
    expect(decide(9, DAY, {}, START + 8 * DAY)).toEqual({
      kind: 'recover',
      next: state({
        issued: 9,
        confirmed: 8,
        issuedAt: START + DAY,
        handedAt: START + DAY,
        idleEndsAt: START + 8 * DAY,
      }),
    });
  });

  test('lives as long as its own end says when the row’s idle end was lost with the writes, never past the absolute end', () => {
    expect(decide(9, 8 * DAY, {}, START + 9 * DAY).kind).toBe('recover');
    const recovered = decide(9, DAY, { absoluteEndsAt: START + 2 * DAY }, START + 9 * DAY);
    expect(recovered.kind === 'recover' && recovered.next.idleEndsAt).toBe(START + 2 * DAY);
    expect(decide(9, 2 * DAY, { absoluteEndsAt: START + 2 * DAY }, START + 9 * DAY).kind).toBe('expired');
  });

  test('never lowers the confirmed generation', () => {
    const outcome = decide(6, 1, { issued: 5, confirmed: 5 });
    expect(outcome.kind === 'recover' && outcome.next.confirmed).toBe(5);
  });
});

/**
 * One lineage with holders that each keep the token they were handed last; a thief may present the one that they stole
 * as well.
 */
type Step = { who: 'owner' | 'thief'; wait: number; isAnswerLost: boolean; isStolen: boolean };

interface Holder {
  gen: number;
  expiresAt: number;
}

const waits = fc.oneof(
  fc.integer({ min: 0, max: LEEWAY * 2 }),
  fc.constantFrom(0, 1, LEEWAY / 3, LEEWAY - 1, LEEWAY, 4 * LEEWAY, DAY),
);
const stepsOf = (who: fc.Arbitrary<Step['who']>) =>
  fc.array(fc.record({ who, wait: waits, isAnswerLost: fc.boolean(), isStolen: fc.boolean() }), {
    minLength: 1,
    maxLength: 60,
  });

const run = (steps: readonly Step[], onStep: (kind: string, step: Step, row: RotationState) => void) => {
  let now = START;
  let row = state({ issued: 1, confirmed: 0 });
  const first: Holder = { gen: 1, expiresAt: row.idleEndsAt };
  const holders: Record<Step['who'], Holder> = { owner: { ...first }, thief: { ...first } };
  for (const step of steps) {
    now += step.wait;
    const holder = holders[step.who];
    const outcome = decideRotation(row, step.who === 'thief' && step.isStolen ? first : holder, now, policy);
    onStep(outcome.kind, step, row);
    if (!('next' in outcome)) return { outcome, holders };
    row = outcome.next;
    if (!step.isAnswerLost) {
      holder.gen = row.issued;
      holder.expiresAt = Math.min(row.idleEndsAt, row.absoluteEndsAt);
    }
  }
  return { outcome: undefined, holders };
};

test('one holder is never found guilty of reuse, whichever answers are lost and however long it waits', () => {
  fc.assert(
    fc.property(stepsOf(fc.constant('owner')), (steps) => {
      run(steps, (kind) => {
        expect(kind).not.toBe('reuse');
        expect(kind).not.toBe('recover');
      });
    }),
    { numRuns: 2000 },
  );
});

test('no session outlives its absolute end, and no outcome moves that end', () => {
  fc.assert(
    fc.property(stepsOf(fc.constantFrom('owner', 'thief')), (steps) => {
      run(steps, (_kind, _step, row) => expect(row.absoluteEndsAt).toBe(START + 90 * DAY));
    }),
  );
});

test('once thief and owner have both refreshed outside a window, the next refresh of the one left behind ends the session', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ wait: fc.integer({ min: LEEWAY, max: DAY / 4 }), isStolen: fc.boolean() }), {
        minLength: 6,
        maxLength: 20,
      }),
      fc.boolean(),
      (turns, thiefFirst) => {
        const order: Step['who'][] = thiefFirst ? ['thief', 'owner'] : ['owner', 'thief'];
        const steps = turns.map(
          (turn, index): Step => ({ who: order[index % 2] ?? 'owner', isAnswerLost: false, ...turn }),
        );
        expect(run(steps, () => {}).outcome).toEqual({ kind: 'reuse' });
      },
    ),
  );
});

test('confirmed is always below issued, and neither goes down', () => {
  fc.assert(
    fc.property(stepsOf(fc.constantFrom('owner', 'thief')), (steps) => {
      let last = { issued: 1, confirmed: 0 };
      run(steps, (_kind, _step, row) => {
        expect(row.confirmed).toBeLessThan(row.issued);
        expect(row.issued).toBeGreaterThanOrEqual(last.issued);
        expect(row.confirmed).toBeGreaterThanOrEqual(last.confirmed);
        last = row;
      });
    }),
  );
});

test('whoever presents one token again and again outside of the window forks each time, and each fork is counted', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: LEEWAY, max: DAY / 4 }), { minLength: 2, maxLength: 20 }),
      fc.boolean(),
      (gaps, isThief) => {
        const forks: number[] = [];
        const who = isThief ? 'thief' : 'owner';
        run(
          gaps.map((wait): Step => ({ who, wait, isAnswerLost: true, isStolen: isThief })),
          (kind, _step, row) => {
            expect(kind).toBe(forks.length === 0 ? 'rotate' : 'fork');
            forks.push(row.forks);
          },
        );
        // Each is the row before the step: the first rotates, and the second is the first that forks.
        expect(forks).toEqual([0, ...gaps.slice(1).map((_gap, index) => index)]);
      },
    ),
  );
});
