/** What a simulation has come across, to see that it reaches what it is for. */
export const createFigures = () => {
  const counts = new Map<string, number>();
  return {
    count(what: string): void {
      counts.set(what, (counts.get(what) ?? 0) + 1);
    },
    of: (what: string): number => counts.get(what) ?? 0,
    all: (): Record<string, number> =>
      Object.fromEntries([...counts].toSorted(([one], [other]) => one.localeCompare(other))),
  };
};

export type Figures = ReturnType<typeof createFigures>;
