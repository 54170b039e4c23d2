import { REPEATED_FORKS } from '#server/auth/sessions/rotation.ts';
import type { Corner } from '../simulator/lineage.ts';
import type { Check } from '../simulator/violations.ts';
import { createRefreshes, type Decide } from './refreshes.ts';
import {
  answerAgeOf,
  DEAD,
  type Flight,
  type Grid,
  KINDS,
  type Kind,
  leewayOf,
  NEWEST,
  OWNER,
  requestAgeOf,
  type Situation,
  THIEF,
  VOID,
  type Who,
} from './situation.ts';

/** What a move was, for the search for cycles: bits that add up. */
export const MARKS = {
  ownerAnswered: 1,
  thiefAnswered: 2,
  /** Answered, while the window was open, with what the other one had made. */
  caughtUp: 4,
  /** An operator is told. */
  warned: 8,
  /** Answered with the newest, which it was itself. */
  kept: 16,
  waited: 32,
} as const;

/** What comes of a move. */
export type Result =
  | { kind: 'goes on'; to: Situation; marks: number }
  /** Reuse was found. `corner`: where it was no thief. */
  | { kind: 'ended'; corner: Corner | null }
  | { kind: 'violated'; check: Check; details: string };

export interface Move {
  what: string;
  result: Result;
}

/** A dead token is worth nothing to a thief, and is not kept. */
const bitsOf = (kinds: readonly Kind[]): number =>
  kinds.reduce<number>((bits, kind) => (kind === DEAD ? bits : bits | (1 << kind)), 0);

/** A thief keeps what they are answered with. */
const withLoot = (result: Result): Result =>
  result.kind === 'goes on'
    ? goesOn({ ...result.to, stolen: (result.to.stolen ?? 0) | (1 << NEWEST) }, result.marks)
    : result;

export interface Rules {
  decide: Decide;
  /**
   * Whether a browser that has the newest token is sent it once more.
   * @default false
   */
  repeatsCookies?: boolean;
  /**
   * Whether refreshes carry proofs: then the newest token is signed anew for whoever presents it, since it carries the
   * counter of proofs, and the window of the row is opened anew with it, or not.
   * @default none of them does
   */
  proofs?: 'open the window anew' | 'leave the window';
}

const FRESH_ANSWER: Flight = { kind: NEWEST, isAnswer: true, age: 0 };

const isAt = (ahead: number): string => (ahead > 0 ? ', at the server that is ahead' : '');

const goesOn = (to: Situation, marks = 0): Result => ({ kind: 'goes on', to, marks });
const violated = (check: Check, details: string): Result => ({ kind: 'violated', check, details });

/**
 * Everything that can happen next: each tab refreshes whenever it likes, and all is late or lost as the rules allow.
 */
export const createMoves = ({ decide, repeatsCookies = false, proofs, ...grid }: Rules & Grid) => {
  const leeway = leewayOf(grid);
  const { skew = 0 } = grid;
  const clocks = skew === 0 ? [0] : [0, skew];
  const carriesProof = proofs === undefined ? [false] : [false, true];
  const refreshes = createRefreshes(decide, grid);
  const deadlineOf = ({ isAnswer }: Flight): number => (isAnswer ? answerAgeOf(grid) : requestAgeOf(grid));

  /** One presents a token of this kind to the server. `from` has everything but what the answer is. */
  const refresh = (
    from: Situation,
    { who, kind, ahead, isProof = false }: { who: Who; kind: Kind; ahead: number; isProof?: boolean },
  ): Result => {
    const { isAnswered, made, isCapped, issuedAge, handedAge, reopenedAge, forks, becomes } = refreshes(
      from,
      kind,
      ahead,
    );
    /** The newest, and yet not as it stands. */
    const isSignedAnew = isProof && made === null && kind === NEWEST;
    const reopens = isSignedAnew && proofs === 'open the window anew';
    const as = (each: Kind): Kind => becomes[each] ?? DEAD;
    const isShut = from.windowAge >= leeway + skew;

    if (!isAnswered) {
      if (from.stolen !== null) return { kind: 'ended', corner: null };
      return from.isCapped
        ? { kind: 'ended', corner: 'every answer lost for over four leeways, and then tabs at once' }
        : violated('honest', 'reuse was found');
    }
    if (kind === DEAD || (kind === VOID && isShut)) return violated('theft', 'a void generation was answered');
    if (made !== null && from.issuedAge < leeway - skew) {
      return violated('rotation', `a generation was made ${from.issuedAge} steps after the last`);
    }
    if (made === null && kind !== NEWEST && isShut) return violated('theft', 'a window was open for too long');

    const isCatchingUp = made === null && kind !== NEWEST && from.maker !== who;
    const marks =
      (who === OWNER ? MARKS.ownerAnswered : MARKS.thiefAnswered) |
      (isCatchingUp ? MARKS.caughtUp : 0) |
      (made === 'fork' && forks >= REPEATED_FORKS ? MARKS.warned : 0) |
      (made === null && kind === NEWEST && !isSignedAnew ? MARKS.kept : 0);
    const stolenNow = KINDS.filter((each) => from.stolen !== null && each !== DEAD && (from.stolen >> each) & 1);
    const to: Situation = {
      issuedAge,
      handedAge: reopens ? reopenedAge : handedAge,
      windowAge: made !== null || kind !== NEWEST || reopens ? 0 : from.windowAge,
      maker: made === null ? from.maker : who,
      forks,
      isCapped: made === null ? from.isCapped : isCapped,
      jar: as(from.jar),
      stolen: from.stolen === null ? null : bitsOf(stolenNow.map(as)),
      flights: from.flights.map((flight) => ({ ...flight, kind: as(flight.kind) })),
    };
    return goesOn(to, marks);
  };

  /**
   * What is replayed to a browser that has it writes no cookie, unless its hint is missing: then it comes to nothing.
   */
  const withAnswer = (result: Result): Result => {
    if (result.kind !== 'goes on' || ((result.marks & MARKS.kept) !== 0 && !repeatsCookies)) return result;
    return goesOn({ ...result.to, flights: [...result.to.flights, FRESH_ANSWER] }, result.marks);
  };

  const wait = (from: Situation): Situation => {
    const issuedAge = Math.min(from.issuedAge + 1, 4 * leeway);
    return {
      ...from,
      issuedAge,
      handedAge: Math.min(from.handedAge + 1, leeway),
      windowAge: Math.min(from.windowAge + 1, leeway + skew),
      isCapped: from.isCapped && issuedAge < leeway,
      flights: from.flights
        .map((flight) => ({ ...flight, age: flight.age + 1 }))
        .filter((flight) => flight.age < deadlineOf(flight)),
    };
  };

  return (from: Situation): Move[] => {
    const moves: Move[] = [{ what: 'time goes by', result: goesOn(wait(from), MARKS.waited) }];

    if (from.flights.length < grid.tabs) {
      const request: Flight = { kind: from.jar, isAnswer: false, age: 0 };
      moves.push({ what: 'a tab sends the cookie', result: goesOn({ ...from, flights: [...from.flights, request] }) });
    }
    for (const [index, flight] of from.flights.entries()) {
      const others = { ...from, flights: from.flights.toSpliced(index, 1) };
      moves.push({ what: flight.isAnswer ? 'an answer is lost' : 'a request is lost', result: goesOn(others) });
      if (flight.isAnswer) {
        moves.push({ what: 'an answer arrives', result: goesOn({ ...others, jar: flight.kind }) });
        continue;
      }
      for (const ahead of clocks) {
        for (const isProof of carriesProof) {
          const result = withAnswer(refresh(others, { who: OWNER, kind: flight.kind, ahead, isProof }));
          moves.push({ what: `a request${isProof ? ' with a proof' : ''} arrives${isAt(ahead)}`, result });
        }
      }
    }

    if (!grid.hasThief) return moves;
    if (from.stolen === null) {
      moves.push({ what: 'a thief copies the cookie', result: goesOn({ ...from, stolen: bitsOf([from.jar]) }) });
      return moves;
    }
    // A thief has all they ever got, and presents any of it: who keeps what they stole, and who throws away what they
    // get, are among them.
    for (const kind of KINDS) {
      if (kind === DEAD || ((from.stolen >> kind) & 1) === 0) continue;
      const token = kind === NEWEST ? 'the newest token' : 'an older token';
      for (const ahead of clocks) {
        for (const isProof of carriesProof) {
          const result = withLoot(refresh(from, { who: THIEF, kind, ahead, isProof }));
          const how = isProof ? ' and a proof' : '';
          moves.push({ what: `the thief refreshes with ${token}${how}${isAt(ahead)}`, result });
        }
      }
    }
    return moves;
  };
};
