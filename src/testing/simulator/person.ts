/** Whom the person at the browser may expect to be: a name, nobody, or undefined when nobody could say. */
export type Expected = string | null | undefined;

/**
 * The person at the browser, who knows what it was told to do and what it said.
 * @param isCutOff whether their session has been renewed, and the browser has not heard of it yet.
 */
export const createPerson = (isCutOff: () => boolean) => {
  let expected: Expected = null;
  let underWay = 0;
  let turns = 0;
  let seen: Expected = null;
  const told = (): Expected => (underWay === 0 ? expected : undefined);
  const current = (): Expected => (typeof expected === 'string' && isCutOff() ? undefined : told());

  return {
    expected: current,
    /** Whom they could expect to be all the time since this was asked last. */
    expectedSince(): Expected {
      const before = seen;
      seen = current();
      return seen === before ? seen : undefined;
    },
    /** Counts what it has told the browser to do. */
    turns: (): number => turns,
    isBusy: (): boolean => underWay > 0,
    /**
     * Somebody signs in. `said` is the name that the browser greets with, null for a definite refusal, undefined for
     * neither.
     */
    signsIn(outcome: Promise<string | null | undefined>): Promise<void> {
      const before = told();
      turns += 1;
      const turn = turns;
      underWay += 1;
      return outcome.then((said) => {
        underWay -= 1;
        // Two things at once, or one that was interrupted: whichever came last has won, and nobody can say which did.
        if (turn !== turns) expected = undefined;
        else expected = said === null ? before : said;
      });
    },
    signsOut(): void {
      turns += 1;
      expected = underWay === 0 ? null : undefined;
    },
    /** Something happened that makes it anyone's guess. */
    isUnsure(): void {
      turns += 1;
      expected = undefined;
    },
  };
};

export type Person = ReturnType<typeof createPerson>;
