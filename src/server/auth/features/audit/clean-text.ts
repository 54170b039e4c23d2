/**
 * Control characters, halves of surrogate pairs, and what turns the direction of a line: they would break the line of a
 * log, the encoding of an answer, or what is shown beside them.
 */
const UNFIT = /[\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069]/gu;

const REPLACEMENT = '\ufffd';

/** A text that somebody else chose, as it is kept: well-formed, in one line, and of at most so many code points. */
export const cleanText = (text: string, maxCodePoints: number): string => {
  const start = text.slice(0, 2 * maxCodePoints);
  const points = start.length > maxCodePoints ? [...start].slice(0, maxCodePoints).join('') : start;
  return points.replace(UNFIT, REPLACEMENT);
};
