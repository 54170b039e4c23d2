import Bowser from 'bowser';

export type DeviceKind = 'computer' | 'phone' | 'tablet' | 'program' | 'unknown';

/** What a session is used from, in words. */
export interface Device {
  name: string;
  kind: DeviceKind;
}

const KINDS: Record<string, DeviceKind> = { desktop: 'computer', mobile: 'phone', tablet: 'tablet' };

/** A program that is no browser names itself first: `curl/8.5.0`. */
const programName = (userAgent: string): string | undefined => /^[\w.-]{1,40}/.exec(userAgent)?.[0];

/**
 * Reads browser and system from a user agent. Their versions are left out: browsers freeze the system's, and the
 * browser's is not how people know a device.
 */
export const describeDevice = (userAgent: string | null): Device => {
  if (userAgent === null || userAgent.trim() === '') return { name: 'Unknown device', kind: 'unknown' };

  const { browser, os, platform } = Bowser.parse(userAgent);
  const system = platform.model === 'iPhone' || platform.model === 'iPad' ? platform.model : os.name;
  const kind = KINDS[platform.type ?? ''];

  if (kind === undefined || browser.name === undefined || browser.name === '') {
    return { name: programName(userAgent) ?? 'Unknown program', kind: 'program' };
  }
  return { name: system === undefined ? browser.name : `${browser.name} on ${system}`, kind };
};
