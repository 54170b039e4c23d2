import { createHash } from 'node:crypto';
import { type Clock, SECOND } from '../../clock.ts';
import { breachCheckUrlProblem } from '../../env/breach-check-url.ts';

/** Nobody waits longer for it: a password that cannot be looked up is taken. */
const TIMEOUT_MS = SECOND;

/** What a range of SHA-1 hashes answers: the rest of each, and how often it was seen. Padding was seen 0 times. */
const LINE = /^([0-9A-F]{35}):0*([1-9]\d*)\s*$/i;

export interface BreachCheckOptions {
  /** Of a service that answers `GET URL/` and five hex digits, as Have I Been Pwned does. */
  url: string;
  clock: Clock;
}

/** Whether a password is in a list of those that were breached. Rejects when the list cannot be asked. */
export type BreachCheck = (password: string) => Promise<boolean>;

/**
 * Asks a list of breached passwords by the first five hex digits of the SHA-1 (ASVS 6.2.12): neither the password nor
 * its hash leaves this process.
 * @throws TypeError when the address is none that may be asked.
 */
export const createBreachCheck = ({ url, clock }: BreachCheckOptions): BreachCheck => {
  const problem = breachCheckUrlProblem(url);
  if (problem !== undefined) throw new TypeError(`BREACH_CHECK_URL (breachCheckUrl) ${problem}.`);
  const base = url.replace(/\/+$/, '');

  return async (password) => {
    const hash = createHash('sha1').update(password).digest('hex').toUpperCase();
    const controller = new AbortController();
    const cancel = clock.after(TIMEOUT_MS, () => controller.abort());
    try {
      const response = await fetch(`${base}/${hash.slice(0, 5)}`, {
        headers: { 'Add-Padding': 'true' },
        redirect: 'error',
        signal: controller.signal,
      });
      if (!response.ok) throw new Error(`The list of breached passwords answered ${response.status}.`);
      const lines = (await response.text()).split('\n');
      return lines.some((line) => LINE.exec(line)?.[1]?.toUpperCase() === hash.slice(5));
    } finally {
      cancel();
    }
  };
};
