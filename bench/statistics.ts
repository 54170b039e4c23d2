/** What several rounds of one measurement came to. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

/**
 * The value below which the given share of the values lies, by the nearest rank: always one that was measured.
 * @param share from 0 to 1.
 * @throws RangeError when there are no values.
 */
export const percentile = (values: readonly number[], share: number): number => {
  const sorted = Float64Array.from(values).toSorted();
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new RangeError('There is no percentile of no values.');
  return value;
};

/** The middle value, or the mean of the two in the middle. */
const median = (values: readonly number[]): number =>
  (percentile(values, 0.5) + -percentile(values.map(negate), 0.5)) / 2;

const negate = (value: number): number => -value;

/** @throws RangeError when there are no values. */
export const spreadOf = (values: readonly number[]): Spread => ({
  median: median(values),
  min: percentile(values, 0),
  max: percentile(values, 1),
});

/** Round by round, so that what slowed both sides of a round down does not show. */
export const ratiosOf = (ours: readonly number[], theirs: readonly number[]): number[] =>
  ours.map((value, round) => value / (theirs[round] ?? Number.NaN));
