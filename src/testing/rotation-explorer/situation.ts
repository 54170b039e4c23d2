/**
 * A generation by what it is to the row. The rules only compare generations, so that all others of a kind are alike:
 * that is what makes the situations finite, and runs of any length one walk among them.
 */
export const DEAD = 0;
export const CONFIRMED = 1;
export const VOID = 2;
export const NEWEST = 3;
export type Kind = 0 | 1 | 2 | 3;

export const KINDS: readonly Kind[] = [DEAD, CONFIRMED, VOID, NEWEST];

export const OWNER = 0;
export const THIEF = 1;
export type Who = 0 | 1;

/** The times that are told apart. */
export interface Grid {
  /** How many steps of the clock a third of the leeway has. */
  stepsPerThird: number;
  /** How many refreshes of the browser are under way at most: one a tab. */
  tabs: number;
  /** Whether somebody may copy the cookie, once. */
  hasThief: boolean;
  /**
   * By how many steps the clock of a second server is ahead.
   * @default 0
   */
  skew?: number;
}

/** A request on its way, or its answer. Ages are in steps of the clock. */
export interface Flight {
  kind: Kind;
  isAnswer: boolean;
  age: number;
}

/** One session, its row, its browser and a thief, at one moment. */
export interface Situation {
  /** Of the row, by the clock of the first server; longer than the rules can tell counts as that. */
  issuedAge: number;
  handedAge: number;
  /** Of the last handing-out to somebody who did not have the newest, told from what was answered. */
  windowAge: number;
  /** Who presented what the newest was made of. */
  maker: Who;
  forks: number;
  /** Whether the newest was made while the window was open, by its cap. Told for a leeway. */
  isCapped: boolean;
  /** What the browser's cookie is. All tabs share it. */
  jar: Kind;
  /** Which kinds a thief holds, by bits; null before the theft. */
  stolen: number | null;
  flights: readonly Flight[];
}

export const leewayOf = ({ stepsPerThird }: Grid): number => 3 * stepsPerThird;

/**
 * The first age at which a request is not carried out any more: two thirds of the leeway, less what the clocks differ
 * by.
 */
export const requestAgeOf = ({ stepsPerThird, skew = 0 }: Grid): number => 2 * stepsPerThird - skew;

/** The first age at which nobody waits for an answer any more: a third of the leeway, as the client does. */
export const answerAgeOf = ({ stepsPerThird }: Grid): number => stepsPerThird;

export const firstSituation: Situation = {
  issuedAge: 0,
  handedAge: 0,
  windowAge: 0,
  maker: OWNER,
  forks: 0,
  isCapped: false,
  jar: NEWEST,
  stolen: null,
  flights: [],
};

/** Names a situation by a number: equal ones by the same, whichever tab it is that a request belongs to. */
export const createNaming = (grid: Grid) => {
  const leeway = leewayOf(grid);
  const ages = requestAgeOf(grid) + answerAgeOf(grid);
  const flightCodes = KINDS.length * ages + 1;
  const { skew = 0 } = grid;

  const codeOf = ({ kind, isAnswer, age }: Flight): number =>
    1 + kind * ages + (isAnswer ? requestAgeOf(grid) + age : age);
  const flightOf = (code: number): Flight => {
    const age = (code - 1) % ages;
    const isAnswer = age >= requestAgeOf(grid);
    const kind = KINDS[Math.floor((code - 1) / ages)] ?? DEAD;
    return { kind, isAnswer, age: isAnswer ? age - requestAgeOf(grid) : age };
  };

  return {
    nameOf: (situation: Situation): number => {
      const codes = situation.flights.map(codeOf).toSorted((one, other) => one - other);
      let name = 0;
      for (let index = 0; index < grid.tabs; index += 1) name = name * flightCodes + (codes[index] ?? 0);
      name = name * (4 * leeway + skew + 1) + situation.issuedAge + skew;
      name = name * (leeway + skew + 1) + situation.handedAge + skew;
      name = name * (leeway + skew + 1) + situation.windowAge;
      name = name * 4 + situation.jar;
      name = name * 2 + (situation.isCapped ? 1 : 0);
      if (!grid.hasThief) return name;
      name = name * 2 + situation.maker;
      name = name * 4 + situation.forks;
      return name * 9 + (situation.stolen === null ? 8 : situation.stolen >> 1);
    },

    situationOf: (name: number): Situation => {
      let left = name;
      const take = (many: number): number => {
        const taken = left % many;
        left = Math.floor(left / many);
        return taken;
      };
      const stolen = grid.hasThief ? take(9) : 8;
      const forks = grid.hasThief ? take(4) : 0;
      const maker = grid.hasThief && take(2) === THIEF ? THIEF : OWNER;
      const isCapped = take(2) === 1;
      const jar = KINDS[take(4)] ?? DEAD;
      const windowAge = take(leeway + skew + 1);
      const handedAge = take(leeway + skew + 1) - skew;
      const issuedAge = take(4 * leeway + skew + 1) - skew;
      const flights: Flight[] = [];
      while (left > 0) {
        const code = take(flightCodes);
        if (code > 0) flights.push(flightOf(code));
      }
      return {
        issuedAge,
        handedAge,
        windowAge,
        maker,
        forks,
        isCapped,
        jar,
        stolen: stolen === 8 ? null : stolen << 1,
        flights,
      };
    },
  };
};
