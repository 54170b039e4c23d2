const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const dayOfYear = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'long' });
const day = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'long', year: 'numeric' });
const exact = new Intl.DateTimeFormat('en', { dateStyle: 'long', timeStyle: 'short' });

const dateWords = (at: Date, now: Date): string =>
  at.getFullYear() === now.getFullYear() ? dayOfYear.format(at) : day.format(at);

/**
 * A time in words, as seen at `now`: "5 minutes ago", "yesterday", "3 March". Times of the server that lie ahead of
 * this device's clock are said to be now.
 */
export const whenWords = (at: Date, now: Date): string => {
  const age = Math.max(0, now.getTime() - at.getTime());
  if (age < MINUTE) return 'just now';
  if (age < HOUR) return relative.format(-Math.floor(age / MINUTE), 'minute');
  if (age < DAY) return relative.format(-Math.floor(age / HOUR), 'hour');
  if (age < 7 * DAY) return relative.format(-Math.floor(age / DAY), 'day');
  return dateWords(at, now);
};

/** A time that is known to the hour only. */
export const whenWordsByHour = (at: Date, now: Date): string =>
  now.getTime() - at.getTime() < HOUR ? 'within the last hour' : whenWords(at, now);

export const exactWords = (at: Date): string => exact.format(at);
