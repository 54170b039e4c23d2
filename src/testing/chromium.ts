import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from '@playwright/test';

const SYSTEM = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

const asRoot = process.getuid?.() === 0;

/** Chromium's own network (updates, sync, field trials) stays quiet: only the tests' requests are seen. Its sandbox refuses root. */
export const CHROMIUM_ARGS = [
  ...(asRoot ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

const succeeds = (command: string, args: readonly string[], input: { quiet: boolean }): boolean =>
  spawnSync(command, args, {
    stdio: input.quiet ? 'ignore' : ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  }).status === 0;

/** A browser that is there but lacks a library of the system says no version. */
const runs = (path: string): boolean => succeeds(path, ['--version'], { quiet: true });

const onPath = (name: string): string[] =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .filter((path) => existsSync(path));

const installed = (): string | undefined => [...SYSTEM.flatMap(onPath), chromium.executablePath()].find(runs);

const aptGet = (...args: string[]): boolean => {
  const command = ['apt-get', '-q', '-y', ...args];
  const [program = '', ...rest] = asRoot ? command : ['sudo', '-n', ...command];
  return succeeds(program, rest, { quiet: false });
};

/** In the order of preference; each leaves behind a browser that `installed` finds, or does not. */
const INSTALLERS: readonly (() => boolean)[] = [
  () => succeeds('npx', ['--no', 'playwright', 'install', 'chromium'], { quiet: false }),
  () => aptGet('update') && aptGet('install', '--no-install-recommends', 'chromium'),
];

/**
 * The Chromium that the browser tests drive: CHROMIUM_PATH, else one of the system, else Playwright's own download, else
 * Debian's package. What is missing is installed.
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
