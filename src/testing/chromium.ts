import { chromium } from '@playwright/test';
import { asRoot, installPackage, onPath, succeeds } from './system-program.ts';

const SYSTEM = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/**
 * Chromium's own network (updates, sync, field trials) stays quiet: only the tests' requests are seen. Its sandbox
 * refuses root.
 */
export const CHROMIUM_ARGS = [
  ...(asRoot ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** A browser that is there but lacks a library of the system says no version. */
const runs = (path: string): boolean => succeeds(path, ['--version'], { quiet: true });

const installed = (): string | undefined => [...SYSTEM.flatMap(onPath), chromium.executablePath()].find(runs);

/** In the order of preference; each leaves behind a browser that `installed` finds, or does not. */
const INSTALLERS: readonly (() => boolean)[] = [
  () => succeeds('npx', ['--no', 'playwright', 'install', 'chromium'], { quiet: false }),
  () => installPackage('chromium'),
];

/**
 * The Chromium that the browser tests drive: CHROMIUM_PATH, else one of the system, else Playwright's own download,
 * else Debian's package. What is missing is installed.
 *
 * @throws Error when none can be had: the browser tests are never skipped
 */
export const ensureChromium = (): string => {
  const given = process.env.CHROMIUM_PATH;
  if (given) {
    if (!runs(given)) throw new Error(`CHROMIUM_PATH names no Chromium that runs: ${given}`);
    return given;
  }
  for (const install of [() => true, ...INSTALLERS]) {
    install();
    const found = installed();
    if (found) return found;
  }
  throw new Error('The browser tests need Chromium. Install one and name it in CHROMIUM_PATH.');
};
