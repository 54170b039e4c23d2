/** A wait in words: to the second up to two minutes, then in whole minutes, rounded up so that the next try is not too early. */
export const waitWords = (seconds: number): string => {
  if (seconds === 1) return '1 second';
  return seconds <= 120 ? `${Math.ceil(seconds)} seconds` : `${Math.ceil(seconds / 60)} minutes`;
};
