import { type decideRotation, handedAnew, type RotationState } from '#server/auth/sessions/rotation.ts';
import { CONFIRMED, DEAD, type Grid, KINDS, type Kind, leewayOf, NEWEST, type Situation, VOID } from './situation.ts';

export type Decide = typeof decideRotation;

/** What a refresh does to a row. */
export interface Refresh {
  isAnswered: boolean;
  /** Whether a new generation was made, and by which rule. */
  made: 'rotate' | 'fork' | null;
  /** Whether it was made although the window was open, since nobody keeps it open for ever. */
  isCapped: boolean;
  issuedAge: number;
  handedAge: number;
  /** The same where the newest is signed anew for whoever presents it. */
  reopenedAge: number;
  forks: number;
  /** What each kind has become. */
  becomes: readonly Kind[];
}

const NOW = 1_000_000_000;
const STEP = 1_000;
const DAY = 24 * 3_600_000;

/** Generations that stand for their kinds. */
const GENERATIONS: Readonly<Record<Kind, number>> = { [DEAD]: 1, [CONFIRMED]: 2, [VOID]: 3, [NEWEST]: 4 };

const kindIn = ({ issued, confirmed }: RotationState, generation: number): Kind => {
  if (generation === issued) return NEWEST;
  if (generation === confirmed) return CONFIRMED;
  return generation < confirmed ? DEAD : VOID;
};

/** Asks the rules, once for each question. */
export const createRefreshes = (decide: Decide, grid: Grid) => {
  const leeway = leewayOf(grid);
  const policy = { leewayMs: leeway * STEP, idleTtlMs: 7 * DAY };
  const answers = new Map<number, Refresh>();
  const ageOf = (at: number, longest: number): number => Math.min((NOW - at) / STEP, longest);

  /** `ahead`: of the server that is asked. */
  const ask = ({ issuedAge, handedAge, forks }: Situation, kind: Kind, ahead: number): Refresh => {
    const row: RotationState = {
      issued: GENERATIONS[NEWEST],
      confirmed: GENERATIONS[CONFIRMED],
      issuedAt: NOW - issuedAge * STEP,
      handedAt: NOW - handedAge * STEP,
      forks,
      idleEndsAt: NOW + DAY,
      absoluteEndsAt: NOW + 90 * DAY,
      revokedCause: null,
    };
    const outcome = decide(row, { gen: GENERATIONS[kind], expiresAt: NOW + DAY }, NOW + ahead * STEP, policy);
    if (!('next' in outcome)) {
      return {
        isAnswered: false,
        made: null,
        isCapped: false,
        issuedAge,
        handedAge,
        reopenedAge: handedAge,
        forks,
        becomes: KINDS,
      };
    }
    const { next } = outcome;
    const isNew = next.issued > row.issued;
    return {
      isAnswered: true,
      made: isNew ? (next.confirmed > row.confirmed ? 'rotate' : 'fork') : null,
      isCapped: isNew && handedAge + ahead < leeway,
      issuedAge: ageOf(next.issuedAt, 4 * leeway),
      handedAge: ageOf(next.handedAt, leeway),
      reopenedAge: ageOf(handedAnew(next, NOW + ahead * STEP).handedAt, leeway),
      forks: grid.hasThief ? Math.min(next.forks, 3) : 0,
      becomes: KINDS.map((each) => kindIn(next, GENERATIONS[each])),
    };
  };

  return (situation: Situation, kind: Kind, ahead: number): Refresh => {
    const { skew = 0 } = grid;
    const ages = (situation.issuedAge + skew) * (leeway + skew + 1) + situation.handedAge + skew;
    const question = ((ages * 4 + situation.forks) * 4 + kind) * 2 + (ahead > 0 ? 1 : 0);
    const known = answers.get(question);
    if (known !== undefined) return known;
    const answer = ask(situation, kind, ahead);
    answers.set(question, answer);
    return answer;
  };
};
