/**
 * A wait in words: to the second up to two minutes, to the minute up to two hours, rounded up so that the next attempt
 * is not too early.
 */
export const waitWords = (seconds: number): string => {
  if (seconds === 1) return '1 second';
  if (seconds <= 120) return `${Math.ceil(seconds)} seconds`;
  return seconds <= 7200 ? `${Math.ceil(seconds / 60)} minutes` : `${Math.ceil(seconds / 3600)} hours`;
};
