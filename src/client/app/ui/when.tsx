import { exactWords, whenWords, whenWordsByHour } from '../words/when.ts';

interface WhenProps {
  /** ISO 8601. */
  at: string;
  /** The moment from which it is seen, in ms since the epoch. */
  now: number;
  /** The time is rounded down to the hour. */
  byHour?: boolean;
}

export const When = ({ at, now, byHour = false }: WhenProps) => {
  const date = new Date(at);
  const words = byHour ? whenWordsByHour : whenWords;

  return (
    <time dateTime={at} title={byHour ? undefined : exactWords(date)}>
      {words(date, new Date(now))}
    </time>
  );
};
