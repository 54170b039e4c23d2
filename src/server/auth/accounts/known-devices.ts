import { sql } from 'kysely';
import { DAY } from '../clock.ts';

/** How many devices of a user are known. */
const MAX_DEVICES = 10;

/**
 * After so many days without a sign-in a device is out of use: by default no session lives longer, so that a person who
 * still uses it has signed in since.
 */
const IN_USE_DAYS = 90;

interface KnownDevice {
  hash: string;
  /** When it last signed in, in days since the epoch. Undefined in a list from before that was kept. */
  day: number | undefined;
}

const read = (devices: string): KnownDevice[] =>
  devices
    .split(',')
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [hash = '', day] = entry.split('.');
      return { hash, day: day === undefined ? undefined : Number(day) };
    });

/** The days, ISO 8601, on which each device signed in last. */
export const lastSignIns = (devices: string): string[] =>
  read(devices).flatMap(({ day }) => (day === undefined ? [] : new Date(day * DAY).toISOString().slice(0, 10)));

/** Whether the user has signed in from this device before. */
export const knowsDevice = ({ devices }: { devices: string }, deviceHash: string): boolean =>
  read(devices).some(({ hash }) => hash === deviceHash);

/**
 * The devices of a user once this one has signed in: the hash of each and the day of its last sign-in, those that were
 * added first in front. Where there is no room it takes the place of one that is out of use, the longest unused first,
 * or else of the one that was added last. So a device in use stays, however often somebody else who has the password
 * signs in from new ones.
 */
export const withDevice = (devices: string, deviceHash: string, now: number): string => {
  const today = Math.floor(now / DAY);
  const known = read(devices).map(({ hash, day = today }) => ({ hash, day: hash === deviceHash ? today : day }));
  if (!known.some(({ hash }) => hash === deviceHash)) {
    if (known.length >= MAX_DEVICES) {
      const [longest] = known
        .filter(({ day }) => today - day > IN_USE_DAYS)
        .toSorted((one, other) => one.day - other.day);
      known.splice(longest === undefined ? MAX_DEVICES - 1 : known.indexOf(longest), 1);
    }
    known.push({ hash: deviceHash, day: today });
  }
  return known.map(({ hash, day }) => `${hash}.${day},`).join('');
};

/**
 * The devices of a user once all are forgotten but this one: it stays if the row knew it, and nobody's becomes known.
 */
export const withoutOthers = (deviceHash: string | undefined, now: number) =>
  deviceHash === undefined
    ? ''
    : sql<string>`case when replace(devices, ${deviceHash}, '') = devices then '' else ${withDevice('', deviceHash, now)} end`;
