/** The most bytes that JSON makes of one UTF-16 code unit: `\u0000`. */
const MAX_ESCAPE = 6;

const CUT_MARK = '…';

/** How many bytes a text takes in JSON, without its quotes. */
const escapedBytes = (text: string): number => Buffer.byteLength(JSON.stringify(text)) - 2;

/**
 * The beginning of a text that takes no more bytes than that as a string of JSON, which may be six times as long as the
 * text itself. One that is cut says so by an ellipsis at its end.
 */
export const boundText = (text: string, maxBytes: number): string => {
  if (text.length * MAX_ESCAPE <= maxBytes || escapedBytes(text) <= maxBytes) return text;
  let left = maxBytes - escapedBytes(CUT_MARK);
  let end = 0;
  for (const character of text) {
    left -= escapedBytes(character);
    if (left < 0) break;
    end += character.length;
  }
  return text.slice(0, end) + CUT_MARK;
};
