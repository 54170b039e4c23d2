import { randomBytes } from 'node:crypto';

const MAX_COUNTER = 0xfff;

/** How far a clock may be set back without the ids following it. */
const MAX_AHEAD_MS = 1_000;

const timeOf = (at: number): string => {
  const hex = Math.max(0, at).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
};

/** Sorts before every id of that millisecond and later, and behind every earlier one. */
export const idBefore = (at: number): string => timeOf(at);

/**
 * Makes UUIDs of version 7: in the order of time, those of one millisecond in the order in which this process made them
 * (RFC 9562, section 6.2, method 1). They tell when something happened, and nothing of how much happens to others.
 */
export const createEventIds = (now: () => number): (() => string) => {
  let last = -1;
  let counter = 0;
  return () => {
    const at = now();
    if (at > last || last - at > MAX_AHEAD_MS) {
      last = at;
      counter = 0;
    } else if (counter < MAX_COUNTER) counter += 1;
    else {
      last += 1;
      counter = 0;
    }
    const random = randomBytes(8);
    random.writeUInt8((random.readUInt8(0) & 0x3f) | 0x80, 0);
    const tail = random.toString('hex');
    return `${timeOf(last)}-7${counter.toString(16).padStart(3, '0')}-${tail.slice(0, 4)}-${tail.slice(4)}`;
  };
};
